"""A section of the panel: seven screens over one declaration, as a view of Flask-AppBuilder."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_appbuilder import ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface

from app.panel.bulk.routes import BulkScreen
from app.panel.displays import split_displays
from app.panel.export.routes import ExportScreen
from app.panel.forms.routes import FormScreen
from app.panel.imports.routes import IMPORT_ROUTES, ImportScreen
from app.panel.lists.routes import ListScreen
from app.panel.records.attachment_routes import FILE_ROUTES, AttachmentScreen
from app.panel.records.routes import RecordScreen
from models.base import Tenant


class Section(
    ListScreen, ImportScreen, FormScreen, AttachmentScreen, RecordScreen, ExportScreen, BulkScreen, ModelView
):
    """Declare `model`, `slug`, `title` and `columns`; `app.panel.words` lists all words and their defaults.

    `app.panel.words` lists all words and their defaults. A subclass without a `model` is a base of other sections.
    """

    registry: ClassVar[list[type[Section]]] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for word in ("columns", "details", "optional_columns"):
            if word in vars(cls):
                names, displays = split_displays(getattr(cls, word))
                setattr(cls, word, names)
                cls.displays = {**cls.displays, **displays}
        if "model" in vars(cls):
            cls.datamodel = SQLAInterface(cls.model)
            cls.route_base = f"/{cls.slug}"
            left_out = frozenset() if cls.attachments else FILE_ROUTES
            left_out |= frozenset() if cls.importable else IMPORT_ROUTES
            cls.exclude_route_methods = (cls.exclude_route_methods - FILE_ROUTES - IMPORT_ROUTES) | left_out
            if "needs_organization" not in vars(cls):
                cls.needs_organization = issubclass(cls.model, Tenant)
            cls.registry.append(cls)

    def _init_properties(self) -> None:
        """Set the permissions, and skip the column lists of Flask-AppBuilder."""
        # They would list, search and edit every column that a class does not name (F-31).
        self.base_permissions = sorted(self.all_permissions())

    def get_uninit_inner_views(self) -> list[Any]:
        """No views: related rows are tabs of the row's page."""
        return []

    def _init_forms(self) -> None:
        """Nothing: forms are made from columns on first use."""

    def _init_titles(self) -> None:
        """Nothing: titles are declared."""

    @classmethod
    def forget(cls, section: type[Section]) -> None:
        """Remove a section from the registry (for tests that declare one)."""
        cls.registry.remove(section)
