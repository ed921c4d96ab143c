"""The list's statement: scope comes from the session, the rest from the declaration and the address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, inspect, or_, select
from sqlalchemy.orm import selectinload
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.lib.mobile import mobile_fragment
from app.panel.columns import Column
from app.panel.filters import search_condition

PAGE_SIZES = (25, 50, 100)
# Counting stops here: the exact size of a long list is worth less than a fast page.
COUNT_CAP = 10_000
MOST_PAGES = 4_000


@dataclass(frozen=True)
class ListState:
    """What the address says of a list, made harmless."""

    search: str
    tab: str
    sort: str
    descending: bool
    page: int
    size: int


@dataclass(frozen=True)
class Result:
    rows: Sequence[Any]
    total: int
    has_more: bool

    @property
    def is_capped(self) -> bool:
        return self.total > COUNT_CAP


def read_state(arguments: MultiDict[str, str], *, sortable: Iterable[str], tabs: Sequence[str]) -> ListState:
    """Unknown or impossible arguments fall back to the list's own beginning."""
    sort = arguments.get("sort", "")
    name = sort.removeprefix("-")
    tab = arguments.get("tab", "")
    size = _number(arguments.get("size", ""), most=max(PAGE_SIZES))
    return ListState(
        search=arguments.get("q", "").replace("\0", "").strip()[:100],
        tab=tab if tab in tabs else (tabs[0] if tabs else ""),
        sort=name if name in set(sortable) else "",
        descending=sort.startswith("-"),
        page=_number(arguments.get("page", ""), most=MOST_PAGES),
        size=size if size in PAGE_SIZES else PAGE_SIZES[0],
    )


def _number(text: str, *, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return 1
    return min(max(int(text), 1), most)


def searched(model: Any, holders: Sequence[str], text: str) -> ColumnElement[bool] | None:
    """Rows whose own key, or that of a related row, holds *text*: as a name or as part of a number."""
    conditions = [_in_holder(model, holder, text) for holder in holders]
    found = [condition for condition in conditions if condition is not None]
    return or_(*found) if found else None


def _in_holder(model: Any, holder: str, text: str) -> ColumnElement[bool] | None:
    if holder == "self":
        return _key_condition(model, text)
    relation = inspect(model).relationships[holder]
    target: Any = relation.mapper.class_
    condition = _key_condition(target, text)
    if condition is None:
        return None
    foreign_key = next(iter(relation.local_columns))
    return foreign_key.in_(select(target.id).where(condition))


def _key_condition(model: Any, text: str) -> ColumnElement[bool] | None:
    digits = mobile_fragment(text) if hasattr(model, "mobile") else None
    return search_condition(model, digits or text)


def eager(model: Any, columns: Iterable[Column]) -> list[Any]:
    """Load each relation that a list shows with one statement for all rows."""
    options = []
    for path in dict.fromkeys(column.relations for column in columns if column.relations):
        loader, at = None, model
        for name in path:
            attribute = getattr(at, name)
            loader = loader.selectinload(attribute) if loader else selectinload(attribute)
            at = inspect(at).relationships[name].mapper.class_
        options.append(loader)
    return options


def run(statement: Select[Any], state: ListState, order: Sequence[Any], options: Sequence[Any]) -> Result:
    """One page and the capped number of all rows, in two statements."""
    total = capped_count(statement)
    page = statement.order_by(*order).offset((state.page - 1) * state.size).limit(state.size + 1)
    rows = db.session.scalars(page.options(*options)).all()
    return Result(rows[: state.size], total, has_more=len(rows) > state.size)


def capped_count(statement: Select[Any]) -> int:
    """How many rows *statement* has, or one more than `COUNT_CAP` when there are more than that."""
    entity = statement.column_descriptions[0]["entity"]
    keys = statement.with_only_columns(entity.id).order_by(None).limit(COUNT_CAP + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(keys)) or 0
