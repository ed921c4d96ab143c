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
from app.panel.declaration import Declared
from app.panel.filters.parsing import Readings, read_filters
from app.panel.queries import cursor as keyset
from app.panel.queries import fetch as query
from app.panel.queries.clauses import kept
from app.panel.queries.search import searched
from app.panel.tabs import Tab
from models.tenancy.scope import actor_of


@dataclass(frozen=True)
class Narrowed:
    """The rows that an address asks for, and what of it was understood."""

    # For all who narrow in this way; its values stand beside it.
    kept: Select[Any]
    values: Mapping[str, Any]
    state: query.ListState
    filters: Readings
    tab: Tab | None
    order: keyset.Order

    @property
    def statement(self) -> Select[Any]:
        """The rows with the values in it, for who asks by a statement of his own."""
        return self.kept.params(self.values)

    @property
    def is_filtered(self) -> bool:
        """Whether there is more to it than a tab."""
        return bool(self.filters.applied or self.state.search)


@lru_cache(maxsize=500)
def _statement_of(section: Declared, tab: Tab | None, *_depends: Any) -> Select[Any]:
    statement = section.statement()
    return statement if tab is None else statement.where(tab.condition())


@kept
def _where(statement: Select[Any], clauses: tuple[ColumnElement[bool], ...]) -> Select[Any]:
    return statement.where(*clauses) if clauses else statement


class Narrowing(Declared):
    """What a section's list can be narrowed by, for who is looking."""

    @cached_property
    def filters_described(self) -> Sequence[Column]:
        return [self.describe(path) for path in self.filters]

    def offered_filters(self) -> Sequence[Column]:
        """The filters for who is looking."""
        return self.filters_described

    def visible_tabs(self) -> Sequence[Tab]:
        return self.tabs

    def narrowed(self, arguments: MultiDict[str, str]) -> Narrowed:
        """The rows that *arguments* mean; what can't be understood of them is left out."""
        tabs = self.visible_tabs()
        state = query.read_state(arguments, sortable=self.sortable, tabs=[tab.key for tab in tabs])
        filters = read_filters(self.model, self.offered_filters(), arguments)
        conditions = [each.condition for each in filters.applied]
        if state.search and (found := searched(self.model, self.search, state.search)) is not None:
            conditions.append(found)
        tab = next((tab for tab in tabs if tab.key == state.tab), None)
        statement = _where(self.statement_of(tab), tuple(each.clause for each in conditions))
        values = {name: value for each in conditions for name, value in each.values.items()}
        return Narrowed(statement, values, state, filters, tab, self.order_by(state, tab))

    def statement_of(self, tab: Tab | None) -> Select[Any]:
        """The rows of a tab; kept, as they are asked for with every page and mean the same all day for whom they show."""
        actor = actor_of(db.session())
        return _statement_of(self, tab, today(), actor.organization_id, actor.member_id, actor.own)

    def order_by(self, state: query.ListState, tab: Tab | None) -> keyset.Order:
        """The asked order, else the tab's, else the section's; the key makes it total."""
        path, descending = state.sort, state.descending
        if not path:
            declared = (tab.sort if tab and tab.sort else None) or self.sort
            path, descending = declared.removeprefix("-"), declared.startswith("-")
        column = self.describe(path)
        return keyset.Order(column.attribute, self.model.id, descending, column.nullable)
