"""The query of an address: tab, filters, search and order for the list, the bulk bar, the export and REST."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select
from werkzeug.datastructures import MultiDict

from app.extensions import db, plan_for_values
from app.panel.declaration import Declaration
from app.panel.filters.parsing import Readings, read_filters
from app.panel.queries import cursor
from app.panel.queries.arguments import ListState, read_state
from app.panel.queries.clauses import cached_clause
from app.panel.queries.moments import refuse_fixed_times
from app.panel.queries.search import is_short, searched
from app.panel.words import Tab
from models.tenancy.scope import actor_of


@dataclass(frozen=True)
class ListQuery:
    """The statement for the rows of an address, with the parsed arguments."""

    # Cached: one statement for all lists with the same filters; `parameters` has the values.
    template: Select[Any]
    parameters: Mapping[str, Any]
    state: ListState
    filters: Readings
    tab: Tab | None
    order: cursor.Ordering

    @property
    def statement(self) -> Select[Any]:
        """The template with its parameters."""
        return self.template.params(self.parameters)

    @property
    def is_filtered(self) -> bool:
        """Whether a filter or the search restricts the rows of the tab."""
        return bool(self.filters.applied or self.state.search)


def read_list_query(section: Declaration, arguments: MultiDict[str, str]) -> ListQuery:
    """The query that *arguments* describe; unreadable arguments are left out."""
    tabs = section.visible_tabs()
    state = read_state(arguments, sortable=section.sortable, tabs=[tab.key for tab in tabs])
    filters = read_filters(section.model, section.offered_filters(), arguments)
    conditions = [each.condition for each in filters.applied]
    if state.search and (found := searched(section.model, section.search, state.search)) is not None:
        conditions.append(found)
        if is_short(state.search):
            plan_for_values()
    tab = next((tab for tab in tabs if tab.key == state.tab), None)
    statement = _where(statement_of(section, tab), tuple(each.clause for each in conditions))
    values = {name: value for each in conditions for name, value in each.values.items()}
    return ListQuery(statement, values, state, filters, tab, ordering(section, state, tab))


def statement_of(section: Declaration, tab: Tab | None) -> Select[Any]:
    """The rows of a tab, as a statement that is cached by section, tab, organisation, member and scope."""
    actor = actor_of(db.session())
    return _statement_of(
        section, tab, actor.organization_id, actor.member_id, actor.own, section.statement_key()
    )


def ordering(section: Declaration, state: ListState, tab: Tab | None) -> cursor.Ordering:
    """The order of the address, of the tab or of the section, in this sequence; the row key makes it total."""
    path, descending = state.sort, state.descending
    if not path:
        declared = (tab.sort if tab and tab.sort else None) or section.sort
        path, descending = declared.removeprefix("-"), declared.startswith("-")
    column = section.describe(path)
    return cursor.Ordering(column.attribute, section.model.id, descending, column.nullable)


@lru_cache(maxsize=500)
def _statement_of(section: Declaration, tab: Tab | None, *_cache_key: Any) -> Select[Any]:
    statement = section.statement()
    if tab is not None:
        statement = statement.where(tab.condition())
    where = f"{type(section).__name__}, tab {tab.key!r}," if tab else f"{type(section).__name__}.statement()"
    refuse_fixed_times(statement, where)
    return statement


@cached_clause
def _where(statement: Select[Any], clauses: tuple[ColumnElement[bool], ...]) -> Select[Any]:
    return statement.where(*clauses) if clauses else statement
