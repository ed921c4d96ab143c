"""What a section declares, and the little that all of its routes share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from flask import abort
from flask_appbuilder import ModelView
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.lib.mobile import display_mobile
from app.panel.access import permitted
from app.panel.action import Action, actions_of
from app.panel.actor import currency
from app.panel.columns import Column, describe
from app.panel.formatting import cell
from app.panel.layout.navigation import MenuEntry
from app.panel.queries.counts import not_deleted
from app.panel.view_models import Cell, Fact

# The engine's own actions and the rights they need.
_RIGHTS = {"remove": "can_delete", "change": "can_edit"}


@dataclass(frozen=True)
class Tab:
    key: str
    label: LazyString
    condition: Callable[[], ColumnElement[bool]]
    counted: bool = False
    sort: str | None = None  # overrides the section's order
    empty: LazyString | None = None  # what an empty tab means


class Declared(MenuEntry, ModelView):
    """The words of a declaration with their defaults; `Section` says what they mean."""

    model: ClassVar[Any]
    slug: ClassVar[str]
    title_one: ClassVar[LazyString]
    columns: ClassVar[Sequence[str]] = ()
    # What the table settings offer besides `columns`, `details` and `form`.
    optional_columns: ClassVar[Sequence[str]] = ()
    chips: ClassVar[Sequence[str]] = ()
    # The columns that a `cell_of` of one's own shows in its own way; empty where it may be any of them.
    own_cells: ClassVar[Sequence[str]] = ()
    labels: ClassVar[dict[str, LazyString]] = {}
    preload: ClassVar[Sequence[str]] = ()
    details: ClassVar[Sequence[str]] = ()
    # Tabs of a row's page: «orders.customer» are the rows of the section «orders» whose `customer` it is.
    related: ClassVar[Sequence[str]] = ()
    # The other way round: the relations to rows of other sections on whose pages these rows stand as a tab.
    appears_on: ClassVar[Sequence[str]] = ()
    # Whether programs may read and write the rows under /api/v1/.
    rest: ClassVar[bool] = False
    # The columns that are edited in the list itself, and those that the bulk bar gives many rows at once.
    inline: ClassVar[Sequence[str]] = ()
    bulk_edit: ClassVar[Sequence[str]] = ()
    search: ClassVar[Sequence[str]] = ()
    search_hint: ClassVar[LazyString] = _("Search …")
    # Whether the palette finds rows by what `search` searches.
    in_palette: ClassVar[bool] = False
    filters: ClassVar[Sequence[str]] = ()
    sortable: ClassVar[Sequence[str]] = ()
    sort: ClassVar[str] = "-id"
    tabs: ClassVar[Sequence[Tab]] = ()
    form: ClassVar[Sequence[str]] = ()
    edit_fields: ClassVar[Sequence[str] | None] = None
    extra_fields: ClassVar[dict[str, Any]] = {}
    extra_edit_fields: ClassVar[dict[str, Any]] = {}
    read_only: ClassVar[Sequence[str]] = ()
    lookups: ClassVar[Sequence[str]] = ()
    # The right that a member needs to name the owner of a row, where a form, `inline` or `bulk_edit` names the relation.
    owner_right: ClassVar[str | None] = None
    empty_hint: ClassVar[LazyString | None] = None
    # Whether rows change by themselves, so that a list which is only looked at is asked for again.
    is_live: ClassVar[bool] = False
    # Whether files can be attached to a row, on its page.
    attachments: ClassVar[bool] = False

    list_template = "panel/lists/list.html"
    form_template = "panel/forms/form.html"
    default_view = "index"
    # FAB's file route serves any upload to anyone who may download anywhere (F-06).
    exclude_route_methods: ClassVar[set[str]] = {"download"}

    @classmethod
    def declared_labels(cls) -> dict[str, LazyString]:
        """The words of the rights that the section's actions need."""
        own = {name: each for name, each in actions_of(cls).items() if name not in _RIGHTS}
        return {f"can_{name}": each.label for name, each in own.items()}

    @property
    def base_url(self) -> str:
        return f"{self.route_base}/"

    def describe(self, path: str) -> Column:
        return describe(self.model, path, labels=self.labels)

    @cached_property
    def declared_actions(self) -> dict[str, Action]:
        """What the section and the engine declare; «change values» only where there is something to change."""
        declared = actions_of(type(self))
        if "delete" in self.exclude_route_methods:
            declared = {name: each for name, each in declared.items() if name != "remove"}
        if self.bulk_edit:
            return declared | {"change": replace(declared["change"], form=self.change_form())}
        return {name: each for name, each in declared.items() if name != "change"}

    def change_form(self) -> type[Any]:
        raise NotImplementedError

    def permission_of(self, each: Action) -> str:
        """Deleting and changing by an action need those rights; any other action is a right of its own."""
        return _RIGHTS.get(each.name, f"can_{each.name}")

    def offered(self) -> Sequence[Action]:
        """The actions that the member may run."""
        return [each for each in self.declared_actions.values() if permitted(self, self.permission_of(each))]

    def get_row(self, pk: int, *parents: str) -> Any:
        """The row, when the one who asks may see it; else it does not exist. Its *parents* come along, deleted ones too."""
        statement = self.statement().where(self.model.id == pk)
        if not parents:
            return db.session.scalar(statement) or abort(404)
        found = not_deleted(statement)
        for relation in [getattr(self.model, name) for name in parents]:
            # Joined by name: what a loader option joins by itself gets no criteria of the scope.
            found = found.outerjoin(relation).options(contains_eager(relation))
        return db.session.scalar(found, execution_options={"with_deleted": True}) or abort(404)

    def statement(self) -> Select[Any]:
        """The rows that are there at all; a section may narrow it further than the scope does, for who asks and for the day."""
        return select(self.model)

    def palette_hint(self, row: Any) -> str:
        """What tells the row from others of its name, in the palette."""
        return display_mobile(row.mobile) if hasattr(row, "mobile") else ""

    def row_colour(self, row: Any) -> str | None:
        """The token that paints the row, None for plain rows."""
        return None

    def chip_colour(self, column: Column, row: Any) -> str | None:
        """The token of a cell that stands as a chip, None for an ordinary cell."""
        return None

    def cell_of(self, column: Column, row: Any, unit: Any) -> Cell:
        """How the value of *column* stands in a list or on the row's page."""
        colour = self.chip_colour(column, row) if column.path in self.chips else None
        return cell(column, row, currency=unit, colour=colour)

    def facts_of(self, columns: Sequence[Column], row: Any) -> list[Fact]:
        """The values of *columns* with their labels."""
        unit = currency()
        cells = [(column, self.cell_of(column, row, unit)) for column in columns]
        return [
            Fact(str(column.label), each.kind, each.text, each.colour, each.href) for column, each in cells
        ]
