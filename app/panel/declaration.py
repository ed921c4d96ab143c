"""The declaration of a section: its words, and the methods that a section may override."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from flask import abort, request
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, inspect, select

from app.extensions import db
from app.lib.mobile import display_mobile
from app.lib.money import Currency
from app.panel.access import permitted
from app.panel.action import Action, ActMethods, actions_of
from app.panel.columns import Column, describe
from app.panel.contributions import contributions_to
from app.panel.details import described_details
from app.panel.displays import Display
from app.panel.displays.owners import OWNERS, hidden_names
from app.panel.formatting import cell
from app.panel.queries.counts import not_deleted
from app.panel.queries.parents import join_parents
from app.panel.queries.preferences import table_choice
from app.panel.view_models import (
    ROW_KEY,
    BulkButton,
    Button,
    Cell,
    Empty,
    MenuItem,
    NextStep,
    RecordAct,
    danger_last,
)
from app.panel.words import Tab
from app.panel.words.hooks import PageHooks
from models.attachment import Attachment
from models.base import Row

# The engine's own actions and the rights they need.
_RIGHTS = {"remove": "can_delete", "change": "can_edit"}
EXPORT = "export"
_TIMESTAMPS = {"created_at": _l("Added on"), "updated_at": _l("Changed on")}


class Declaration(ActMethods, PageHooks):
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
        own = {name: each for name, each in actions_of(cls).items() if name not in _RIGHTS and not each.right}
        return {f"can_{name}": each.label for name, each in own.items()}

    @property
    def base_url(self) -> str:
        return f"{self.route_base}/"

    def describe(self, path: str) -> Column:
        if path == OWNERS and self.owners is not None:
            return self.owners.column
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

    @cached_property
    def stored_columns(self) -> dict[str, Column]:
        """The offered columns without the owners, which no row stores; REST serves these."""
        return {path: column for path, column in self.offered_columns.items() if not column.owners}

    def columns_of(self, paths: Sequence[Any]) -> Sequence[Column]:
        """The columns of *paths* without repetitions; the declared columns where no path exists."""
        offered = self.visible_columns()
        chosen = [offered[path] for path in dict.fromkeys(map(str, paths)) if path in offered]
        return chosen or [offered[path] for path in self.columns if path in offered]

    def visible_columns(self) -> dict[str, Column]:
        """The offered columns that the member may see."""
        hidden = hidden_names(self)
        return {path: column for path, column in self.offered_columns.items() if path not in hidden}

    def names_read_by(self, column: Column) -> Sequence[str]:
        """The names that a list loads to show *column*."""
        paths = [column.path, *(self.under[column.path].paths if column.path in self.under else ())]
        displays = [self.displays[path] for path in paths if path in self.displays]
        return [*paths, *(name for display in displays for name in display.reads)]

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
        return _RIGHTS.get(each.name, f"can_{each.right or each.name}")

    def offered(self) -> Sequence[Action]:
        """The actions that the member may run; dangerous ones last, and deletion after all others."""
        mine = [each for each in self.declared_actions.values() if permitted(self, self.permission_of(each))]
        return sorted(mine, key=lambda each: (each.danger, each.name == "remove"))

    def may_export(self) -> bool:
        return EXPORT not in self.exclude_route_methods and permitted(self, "can_export")

    def get_row(self, pk: int, *parents: str) -> Any:
        """The row with its *parents*, which may be deleted; 404 unless the member may see the row."""
        statement = self.statement().where(self.model.id == pk)
        if not parents:
            return db.session.scalar(statement) or abort(404)
        found = join_parents(not_deleted(statement), self.model, parents)
        return db.session.scalar(found, execution_options={"with_deleted": True}) or abort(404)

    # The rows and columns that a list shows to the member.

    def statement(self) -> Select[Any]:
        """All rows of the section; an override may restrict it by the member and the day, beyond the scope."""
        # Cached like the conditions of tabs, so an override takes the day from `app.panel.queries.moments`.
        return select(self.model)

    def visible_tabs(self) -> Sequence[Tab]:
        return self.tabs

    def offered_filters(self) -> Sequence[Column]:
        hidden = hidden_names(self)
        return [column for column in self.described_filters if column.path not in hidden]

    def shown_columns(self, tab: str | None = None) -> Sequence[Column]:
        """The columns chosen by the address or the member, without unknown ones; otherwise those of *tab* or the open one."""
        return self.columns_of(table_choice(self.slug).columns or self._columns_of_tab(tab))

    def _columns_of_tab(self, key: str | None) -> Sequence[str]:
        """The declared columns without those that the tab hides."""
        tabs = {tab.key: tab for tab in self.visible_tabs()}
        # The page of a row names a section as its tab.
        first = next(iter(tabs.values()), None) if request.path == self.base_url else None
        tab = tabs.get(request.args.get("tab", "") if key is None else key, first)
        return [path for path in self.columns if tab is None or path not in tab.hides]

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

    def files_of(self, row: Any) -> ColumnElement[bool]:
        """The condition for the files on the page of *row*; a section may add those of other rows."""
        return Attachment.of(row)

    # The actions and links of the member.

    def panel_url(self, row: Any) -> str | None:
        """The address of the side panel that a click on the row opens."""
        return f"{self.base_url}{row.id}/panel" if self.panel else None

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
            if each.single and each.allows(row):
                url = f"{self.base_url}action/{each.name}/{ROW_KEY}"
                item = MenuItem(
                    str(each.label), each.icon, url, "post", "dialog", danger=each.danger, key=each.key
                )
                items.append(item)
        return items

    def contributed_items(self, row: Row) -> Sequence[MenuItem]:
        return [item for each in contributions_to(self) for item in each.row_items(self, row)]

    def bulk_buttons(self) -> Sequence[BulkButton]:
        contributed = [button for each in contributions_to(self) for button in each.bulk_buttons(self)]
        has_bar = "action_post" not in self.exclude_route_methods
        export = [BulkButton(EXPORT, _("Export"), "download")] if has_bar and self.may_export() else []
        acts = [BulkButton(a.name, str(a.label), a.icon, a.danger) for a in self.offered() if a.bulk]
        return danger_last([*contributed, *export, *acts])

    def list_buttons(self) -> Sequence[Button]:
        buttons = []
        if permitted(self, "can_add"):
            label = _("Add %(what)s", what=self.title_one)
            buttons.append(Button(label, "plus", f"{self.base_url}add", "page", primary=True))
        if self.importable and permitted(self, "can_import"):
            buttons.append(Button(_("Import a file"), "file-import", f"{self.base_url}import"))
        if self.order_column and permitted(self, "can_edit"):
            buttons.append(Button(_("Arrange"), "arrows-sort", f"{self.base_url}order", "dialog"))
        return buttons

    def person_of(self, row: Any) -> Any:
        """The person whose page it is, whom the head of the page names and calls: a row with a mobile number, or None."""
        return row if hasattr(row, "mobile") else None

    def may_edit(self, row: Any) -> bool:
        """Whether the page of *row* offers to edit it."""
        return permitted(self, "can_edit")

    def record_acts(self, row: Any) -> Sequence[RecordAct]:
        """The buttons in the head of the row's page: to call its person, then those of other features."""
        acts: list[RecordAct] = []
        if person := self.person_of(row):
            acts.append(RecordAct(_("Call"), "phone", f"tel:{person.mobile}", primary=True, key="C"))
        return [*acts, *(act for each in contributions_to(self) for act in each.record_acts(self, row))]

    def next_step(self, row: Any) -> NextStep | None:
        """What is to do next with *row*, shown above its timeline."""
        return None

    def empty_state(self, tab: Tab | None = None) -> Empty:
        """What an empty list shows: its heading, the reason, and the first act that the member may do."""
        if tab is not None and tab.empty:
            return Empty(str(tab.empty), str(tab.empty_hint or ""))
        title = str(self.empty or _("The list of %(what)s is empty", what=self.title))
        act = next(((each.label, each.url) for each in self.list_buttons() if each.primary), (None, None))
        return Empty(title, str(self.empty_hint or ""), *act)
