"""The declaration of a section: its words, and the methods that a section may override."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from flask import abort
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, inspect, select
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.lib.mobile import display_mobile
from app.lib.money import Currency
from app.panel.access import permitted
from app.panel.action import Action, actions_of
from app.panel.actor import currency
from app.panel.columns import Column, describe
from app.panel.contributions import contributions_to
from app.panel.details import described_details
from app.panel.displays import Display
from app.panel.formatting import cell
from app.panel.queries.counts import not_deleted
from app.panel.queries.preferences import table_choice
from app.panel.view_models import ROW_KEY, BulkButton, Button, Cell, Empty, Fact, MenuItem
from app.panel.words import Tab, Words
from models.attachment import Attachment
from models.base import Row

# The engine's own actions and the rights they need.
_RIGHTS = {"remove": "can_delete", "change": "can_edit"}
EXPORT = "export"
_TIMESTAMPS = {"created_at": _l("Added on"), "updated_at": _l("Changed on")}


class Declaration(Words):
    """The base of all screens of a section, with a default for each method."""

    if TYPE_CHECKING:
        # Defined by the views of Flask-AppBuilder.
        appbuilder: Any
        class_permission_name: str
        route_base: str

        def render_template(self, template: str, **context: Any) -> str: ...

    # The displays of columns by their paths.
    displays: ClassVar[dict[str, Display]] = {}

    # Columns, rows and rights of the declaration.

    @classmethod
    def declared_labels(cls) -> dict[str, LazyString]:
        """The labels of the rights for the section's own actions."""
        own = {name: each for name, each in actions_of(cls).items() if name not in _RIGHTS}
        return {f"can_{name}": each.label for name, each in own.items()}

    @property
    def base_url(self) -> str:
        return f"{self.route_base}/"

    def describe(self, path: str) -> Column:
        return describe(self.model, path, labels=self.labels)

    @cached_property
    def offered_columns(self) -> dict[str, Column]:
        """The columns of the table settings by name: those of the list, then those of a row's page and its form."""
        declared = {path: self.describe(path) for path in self.columns}
        labels = {**_TIMESTAMPS, **self.labels}
        for path in (*self.optional_columns, *self.details, *self.form, *_TIMESTAMPS):
            if path.partition(".")[0] in inspect(self.model).attrs and path not in declared:
                column = describe(self.model, path, labels=labels)
                if column.attribute is not None and str(column.label) != column.name:
                    declared[path] = self.describe(path) if path not in _TIMESTAMPS else column
        return declared

    def columns_of(self, paths: Sequence[Any]) -> Sequence[Column]:
        """The columns of *paths* without repetitions; the declared columns where no path exists."""
        offered = self.offered_columns
        chosen = [offered[path] for path in dict.fromkeys(map(str, paths)) if path in offered]
        return chosen or [offered[path] for path in self.columns]

    def names_read_by(self, column: Column) -> Sequence[str]:
        """The names that a list loads to show *column*."""
        display = self.displays.get(column.path)
        return (column.path, *display.reads) if display else (column.path,)

    @cached_property
    def described_filters(self) -> Sequence[Column]:
        return [self.describe(path) for path in self.filters]

    @cached_property
    def described_details(self) -> Sequence[Column]:
        return described_details(self)

    @cached_property
    def declared_actions(self) -> dict[str, Action]:
        """The actions of the section and the engine; «change values» only with `bulk_edit`."""
        declared = actions_of(type(self))
        if "delete" in self.exclude_route_methods:
            declared = {name: each for name, each in declared.items() if name != "remove"}
        if self.bulk_edit:
            return declared | {"change": replace(declared["change"], form=self.change_form())}
        return {name: each for name, each in declared.items() if name != "change"}

    def change_form(self) -> type[Any]:
        raise NotImplementedError

    def permission_of(self, each: Action) -> str:
        """The right that the action needs: that of deleting or editing, or one of its own."""
        return _RIGHTS.get(each.name, f"can_{each.name}")

    def offered(self) -> Sequence[Action]:
        """The actions that the member may run."""
        return [each for each in self.declared_actions.values() if permitted(self, self.permission_of(each))]

    def may_export(self) -> bool:
        return EXPORT not in self.exclude_route_methods and permitted(self, "can_export")

    def get_row(self, pk: int, *parents: str) -> Any:
        """The row with its *parents*, which may be deleted; 404 unless the member may see the row."""
        statement = self.statement().where(self.model.id == pk)
        if not parents:
            return db.session.scalar(statement) or abort(404)
        found = not_deleted(statement)
        for relation in [getattr(self.model, name) for name in parents]:
            # An explicit join, because the scope adds no criteria to the joins of loader options.
            found = found.outerjoin(relation).options(contains_eager(relation))
        return db.session.scalar(found, execution_options={"with_deleted": True}) or abort(404)

    # The rows and columns that a list shows to the member.

    def statement(self) -> Select[Any]:
        """All rows of the section; an override may restrict it by the member and the day, beyond the scope."""
        # Cached like the conditions of tabs, so an override takes the day from `app.panel.queries.moments`.
        return select(self.model)

    def visible_tabs(self) -> Sequence[Tab]:
        return self.tabs

    def offered_filters(self) -> Sequence[Column]:
        return self.described_filters

    def shown_columns(self) -> Sequence[Column]:
        """The columns chosen by the address or the member; unknown ones are left out."""
        return self.columns_of(table_choice(self.slug).columns)

    def complete(self, rows: Sequence[Any]) -> None:
        """Set attributes of the rows of a page that no column has, with one statement for all rows."""

    def note_over(self, tab: Tab | None) -> str | None:
        """A sentence above the rows of *tab*."""
        return None

    # Which rows may be written.

    def check(self, item: Any) -> None:
        """The rule across the fields of a row; raises `DomainError` with the `field` to blame, or `Refusals` of several.

        Forms, REST, edits in the list, the bulk bar and imports ask it before they write. By default it asks the
        method `check()` of the model, where there is one.
        """
        rule = getattr(item, "check", None)
        if callable(rule):
            rule()

    # How a row looks.

    def palette_hint(self, row: Any) -> str:
        """A text that distinguishes rows of the same name in the palette."""
        return display_mobile(row.mobile) if hasattr(row, "mobile") else ""

    def row_colour(self, row: Any) -> str | None:
        """The colour token of the row; None for no colour."""
        return None

    def cell_of(self, column: Column, row: Row, unit: Currency) -> Cell:
        """The value of *column* in a list or on the row's page."""
        display = self.displays.get(column.path)
        return display.cell(column, row, unit) if display else cell(column, row, currency=unit)

    def facts_of(self, columns: Sequence[Column], row: Row) -> list[Fact]:
        """The values of *columns* in *row* with their labels."""
        unit = currency()
        cells = [(column, self.cell_of(column, row, unit)) for column in columns]
        return [
            Fact(str(column.label), each.kind, each.text, each.colour, each.href) for column, each in cells
        ]

    def files_of(self, row: Any) -> ColumnElement[bool]:
        """The condition for the files on the page of *row*; a section may add those of other rows."""
        return Attachment.of(row)

    # The actions and links of the member.

    def panel_url(self, row: Any) -> str | None:
        """The address of the side panel that a click on the row opens."""
        return None

    def menu_kind(self, row: Any) -> Hashable:
        """The key of the row's menu; rows of one kind share a menu."""
        return None

    def row_menu(self, row: Any) -> Sequence[MenuItem]:
        """The ⋮ menu of the rows of one kind: the section's own entries, then those of other features."""
        return [*self.own_items(row), *self.contributed_items(row)]

    def own_items(self, row: Row) -> Sequence[MenuItem]:
        """The menu entries of the section that the member's rights allow."""
        items = []
        if permitted(self, "can_show"):
            items.append(MenuItem(_("View"), "eye", f"{self.base_url}show/{ROW_KEY}"))
        if permitted(self, "can_edit"):
            items.append(MenuItem(_("Edit"), "pencil", f"{self.base_url}edit/{ROW_KEY}"))
        if permitted(self, "can_trail"):
            items.append(MenuItem(_("Events of this row"), "timeline", f"{self.base_url}trail/{ROW_KEY}"))
        for each in self.offered():
            if each.single:
                url = f"{self.base_url}action/{each.name}/{ROW_KEY}"
                items.append(MenuItem(str(each.label), each.icon, url, "post", "dialog", danger=each.danger))
        return items

    def contributed_items(self, row: Row) -> Sequence[MenuItem]:
        return [item for each in contributions_to(self) for item in each.row_items(self, row)]

    def bulk_buttons(self) -> Sequence[BulkButton]:
        contributed = [button for each in contributions_to(self) for button in each.bulk_buttons(self)]
        has_bar = "action_post" not in self.exclude_route_methods
        export = [BulkButton(EXPORT, _("Export"), "download")] if has_bar and self.may_export() else []
        acts = [BulkButton(a.name, str(a.label), a.icon, a.danger) for a in self.offered() if a.bulk]
        return [*contributed, *export, *acts]

    def list_buttons(self) -> Sequence[Button]:
        buttons = []
        if permitted(self, "can_add"):
            label = _("Add %(what)s", what=self.title_one)
            buttons.append(Button(label, "plus", f"{self.base_url}add", "page", primary=True))
        if self.importable and permitted(self, "can_import"):
            buttons.append(Button(_("Import a file"), "file-import", f"{self.base_url}import"))
        return buttons

    def show_buttons(self, row: Row) -> Sequence[Button]:
        if not permitted(self, "can_edit"):
            return []
        return [Button(_("Edit"), "pencil", f"{self.base_url}edit/{row.id}", "page", primary=True)]

    def empty_state(self) -> Empty:
        button = next(iter(self.list_buttons()), None)
        hint = str(self.empty_hint or _("What you add will stand here."))
        if button is None:
            return Empty(_("Nothing here yet."), hint)
        return Empty(_("Nothing here yet."), hint, button.label, button.url)
