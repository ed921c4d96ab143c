"""A section of the panel: Flask-AppBuilder's ModelView, declared in a few words and made safe for tenants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask_appbuilder import ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.panel.access import Grant
from app.panel.action_routes import ActionRoutes
from app.panel.form_routes import FormRoutes
from app.panel.list_routes import ListRoutes
from app.panel.lookup_routes import LookupRoutes
from app.panel.menu import MenuEntry
from app.panel.row_routes import RowRoutes
from app.panel.tabs import Tab


class Section(MenuEntry, ListRoutes, FormRoutes, RowRoutes, ActionRoutes, LookupRoutes, ModelView):
    """Declare `model`, `slug`, `title` and `columns`; everything else has a default.

    Names in `columns`, `filters`, `form` and `facts` are the model's columns and relations; a dot walks a relation
    (``customer.mobile``). A subclass without a `model` is a base of its own.
    """

    registry: ClassVar[list[type[Section]]] = []

    model: ClassVar[Any]
    slug: ClassVar[str]
    title_one: ClassVar[LazyString]
    columns: ClassVar[Sequence[str]] = ()
    chips: ClassVar[Sequence[str]] = ()
    labels: ClassVar[dict[str, LazyString]] = {}
    also_load: ClassVar[Sequence[str]] = ()
    facts: ClassVar[Sequence[str]] = ()
    search: ClassVar[Sequence[str]] = ()  # "self", or relations whose keys are searched
    search_hint: ClassVar[LazyString] = _("Search …")
    filters: ClassVar[Sequence[str]] = ()
    sortable: ClassVar[Sequence[str]] = ()
    sort: ClassVar[str] = "-id"
    tabs: ClassVar[Sequence[Tab]] = ()
    form: ClassVar[Sequence[str]] = ()
    edit_fields: ClassVar[Sequence[str] | None] = None
    form_extra: ClassVar[dict[str, Any]] = {}
    edit_extra: ClassVar[dict[str, Any]] = {}
    lookups: ClassVar[Sequence[str]] = ()
    empty_hint: ClassVar[LazyString | None] = None
    roles: ClassVar[dict[str, Grant]] = {}

    list_template = "panel/list.html"
    default_view = "index"
    # FAB's file route serves any upload to anyone who may download anywhere (F-06).
    exclude_route_methods: ClassVar[set[str]] = {"download"}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "model" in vars(cls):
            cls.datamodel = SQLAInterface(cls.model)
            cls.route_base = f"/{cls.slug}"
            cls.registry.append(cls)

    @property
    def base_url(self) -> str:
        return f"{self.route_base}/"

    def _init_properties(self) -> None:
        """FAB would list, search and edit every column that a class does not name (F-31); ours names all."""
        self.base_permissions = sorted(self.all_permissions())
        self.related_views = self._related_views = []

    def _init_forms(self) -> None:
        """Forms are made from columns on first use, not from FAB's converter."""

    def _init_titles(self) -> None:
        """Titles are declared."""

    @classmethod
    def all_permissions(cls) -> frozenset[str]:
        """Every right that a role has on this section."""
        granted = [grant.permissions for grant in cls.roles.values()]
        return frozenset().union(*granted)

    @classmethod
    def forget(cls, section: type[Section]) -> None:
        """Take a section out of the registry (for tests that declare one)."""
        cls.registry.remove(section)
