"""Which rows an address means: one reading for the list, the bulk bar, the export and the REST resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.lib.jalali import today
from app.panel.columns import Column
from app.panel.declaration import Declared, Tab
from app.panel.filters.parsing import Readings, read_filters
from app.panel.queries import cursor
from app.panel.queries.arguments import ListState, read_state
from app.panel.queries.clauses import cached_clause
from app.panel.queries.search import searched
from models.tenancy.scope import acting_of


@dataclass(frozen=True)
class ListQuery:
    """The rows that an address asks for, and what of it was understood."""

    # One statement for all lists with these filters; `parameters` holds their values.
    template: Select[Any]
    parameters: Mapping[str, Any]
    state: ListState
    filters: Readings
    tab: Tab | None
    order: cursor.Ordering

    @property
    def statement(self) -> Select[Any]:
        """The rows with the values in it, for who asks by a statement of his own."""
        return self.template.params(self.parameters)

    @property
    def is_filtered(self) -> bool:
        """Whether there is more to it than a tab."""
        return bool(self.filters.applied or self.state.search)


@lru_cache(maxsize=500)
def _statement_of(section: Declared, tab: Tab | None, *_depends: Any) -> Select[Any]:
    statement = section.statement()
    return statement if tab is None else statement.where(tab.condition())


@cached_clause
def _where(statement: Select[Any], clauses: tuple[ColumnElement[bool], ...]) -> Select[Any]:
    return statement.where(*clauses) if clauses else statement


class ListQueries(Declared):
    """What a section's list can be list_query by, for who is looking."""

    @cached_property
    def described_filters(self) -> Sequence[Column]:
        return [self.describe(path) for path in self.filters]

    def offered_filters(self) -> Sequence[Column]:
        """The filters for who is looking."""
        return self.described_filters

    def visible_tabs(self) -> Sequence[Tab]:
        return self.tabs

    def list_query(self, arguments: MultiDict[str, str]) -> ListQuery:
        """The rows that *arguments* mean; what can't be understood of them is left out."""
        tabs = self.visible_tabs()
        state = read_state(arguments, sortable=self.sortable, tabs=[tab.key for tab in tabs])
        filters = read_filters(self.model, self.offered_filters(), arguments)
        conditions = [each.condition for each in filters.applied]
        if state.search and (found := searched(self.model, self.search, state.search)) is not None:
            conditions.append(found)
        tab = next((tab for tab in tabs if tab.key == state.tab), None)
        statement = _where(self.statement_of(tab), tuple(each.clause for each in conditions))
        values = {name: value for each in conditions for name, value in each.values.items()}
        return ListQuery(statement, values, state, filters, tab, self.order_by(state, tab))

    def statement_of(self, tab: Tab | None) -> Select[Any]:
        """The rows of a tab; cached_clause, as they are asked for with every page and mean the same all day for whom they show."""
        acting = acting_of(db.session())
        return _statement_of(self, tab, today(), acting.organization_id, acting.member_id, acting.own)

    def order_by(self, state: ListState, tab: Tab | None) -> cursor.Ordering:
        """The asked order, else the tab's, else the section's; the key makes it total."""
        path, descending = state.sort, state.descending
        if not path:
            declared = (tab.sort if tab and tab.sort else None) or self.sort
            path, descending = declared.removeprefix("-"), declared.startswith("-")
        column = self.describe(path)
        return cursor.Ordering(column.attribute, self.model.id, descending, column.nullable)
