"""A section of the panel: Flask-AppBuilder's ModelView, declared in a few words and made safe for tenants."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_appbuilder.models.sqla.interface import SQLAInterface

from app.panel.bulk.edit import BulkEdit
from app.panel.forms.inline import InlineRoutes
from app.panel.forms.lookup import LookupRoutes
from app.panel.forms.routes import FormRoutes
from app.panel.lists.printing import PrintRoutes
from app.panel.records.attachment_routes import FILE_ROUTES, AttachmentRoutes
from app.panel.records.history_routes import TrailRoutes
from app.panel.records.routes import RowRoutes
from models.base import Tenant


class Section(
    AttachmentRoutes,
    PrintRoutes,
    InlineRoutes,
    FormRoutes,
    RowRoutes,
    BulkEdit,
    LookupRoutes,
    TrailRoutes,
):
    """Declare `model`, `slug`, `title` and `columns`; everything else has a default.

    Names in `columns`, `filters`, `form`, `read_only` and `details` are the model's columns and relations; a dot walks a relation
    (``customer.mobile``). A subclass without a `model` is a base of its own.
    """

    registry: ClassVar[list[type[Section]]] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "model" in vars(cls):
            cls.datamodel = SQLAInterface(cls.model)
            cls.route_base = f"/{cls.slug}"
            left_out = frozenset() if cls.attachments else FILE_ROUTES
            cls.exclude_route_methods = (cls.exclude_route_methods - FILE_ROUTES) | left_out
            if "needs_organization" not in vars(cls):
                cls.needs_organization = issubclass(cls.model, Tenant)
            cls.registry.append(cls)

    def _init_properties(self) -> None:
        """FAB would list, search and edit every column that a class does not name (F-31); ours names all."""
        self.base_permissions = sorted(self.all_permissions())

    def get_uninit_inner_views(self) -> list[Any]:
        """FAB's related views are not used; ours are tabs of the row's page."""
        return []

    def _init_forms(self) -> None:
        """Forms are made from columns on first use, not from FAB's converter."""

    def _init_titles(self) -> None:
        """Titles are declared."""

    @classmethod
    def forget(cls, section: type[Section]) -> None:
        """Take a section out of the registry (for tests that declare one)."""
        cls.registry.remove(section)
