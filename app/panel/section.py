"""A section of the panel: its screens over one declaration, as a view of Flask-AppBuilder."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from flask_appbuilder import ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface

from app.panel.board.routes import BOARD_ROUTES, BoardScreen, guarded_move
from app.panel.bulk.routes import BulkScreen
from app.panel.displays import split_displays
from app.panel.displays.owners import OWNERS
from app.panel.export.routes import ExportScreen
from app.panel.forms.lines.totals import LINE_ROUTES, LinesScreen
from app.panel.imports.routes import IMPORT_ROUTES, ImportScreen
from app.panel.lists.ordering import ORDER_ROUTES, OrderScreen
from app.panel.lists.routes import ListScreen
from app.panel.records.attachment_routes import FILE_ROUTES, AttachmentScreen, guarded_attach
from app.panel.records.routes import SHEET_ROUTES, TIMELINE_ROUTES, RecordScreen
from app.panel.side.routes import CHOICE_ROUTES, PANEL_ROUTES, SidePanelScreen
from models.base import Tenant


class Section(
    SidePanelScreen,
    BoardScreen,
    OrderScreen,
    ListScreen,
    ImportScreen,
    LinesScreen,
    AttachmentScreen,
    RecordScreen,
    ExportScreen,
    BulkScreen,
    ModelView,
):
    """Declare `model`, `slug`, `title` and `columns`; `app.panel.words` lists all words and their defaults.

    `app.panel.words` lists all words and their defaults. A subclass without a `model` is a base of other sections.
    """

    registry: ClassVar[list[type[Section]]] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for word in ("columns", "details", "optional_columns", "headline"):
            if word in vars(cls):
                names, displays = split_displays(getattr(cls, word))
                setattr(cls, word, names)
                cls.displays = {**cls.displays, **displays}
        if "under" in vars(cls):
            for path, each in cls.under.items():
                names, displays = split_displays(each.paths)
                cls.under = {**cls.under, path: replace(each, paths=names)}
                cls.displays = {**cls.displays, **displays}
        if cls.owners is not None:
            cls.displays = {**cls.displays, OWNERS: cls.owners}
        if "attach_right" in vars(cls):
            setattr(cls, "attach", guarded_attach(cls.attach_right))  # noqa: B010 - a method of the class
        if cls.board is not None and "board" in vars(cls):
            setattr(cls, "move", guarded_move(cls.board.right))  # noqa: B010 - a method of the class
        if "model" in vars(cls):
            cls.datamodel = SQLAInterface(cls.model)
            cls.route_base = f"/{cls.slug}"
            left_out = frozenset() if cls.attachments else FILE_ROUTES
            left_out |= frozenset() if cls.importable else IMPORT_ROUTES
            left_out |= frozenset() if cls.timeline else TIMELINE_ROUTES
            left_out |= frozenset() if cls.order_column else ORDER_ROUTES
            left_out |= frozenset() if cls.lines else LINE_ROUTES
            left_out |= frozenset() if cls.panel else PANEL_ROUTES
            left_out |= frozenset() if cls.panel and cls.panel.chip else CHOICE_ROUTES
            left_out |= frozenset() if cls.board else BOARD_ROUTES
            left_out |= frozenset() if cls.side_sheets is not Section.side_sheets else SHEET_ROUTES
            optional = FILE_ROUTES | IMPORT_ROUTES | TIMELINE_ROUTES | ORDER_ROUTES | LINE_ROUTES
            optional |= PANEL_ROUTES | CHOICE_ROUTES | SHEET_ROUTES | BOARD_ROUTES
            cls.exclude_route_methods = (cls.exclude_route_methods - optional) | left_out
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
