"""The list's statement: scope comes from the session, the rest from the declaration and the address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g
from sqlalchemy import ColumnElement, Select, func, inspect, or_, select
from sqlalchemy.orm import joinedload
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
    if hasattr(model, "matching"):
        return model.matching(text) if text.strip() else None
    digits = mobile_fragment(text) if hasattr(model, "mobile") else None
    return search_condition(model, digits or text)


def eager(model: Any, columns: Iterable[Column]) -> list[Any]:
    """Join the relations that a list shows: all are to one, and the page's rows are chosen before."""
    options = []
    for path in dict.fromkeys(column.relations for column in columns if column.relations):
        loader, at = None, model
        for name in path:
            attribute = getattr(at, name)
            loader = loader.joinedload(attribute) if loader else joinedload(attribute)
            at = inspect(at).relationships[name].mapper.class_
        options.append(loader)
    return options


def run(statement: Select[Any], state: ListState, order: Sequence[Any], options: Sequence[Any]) -> Result:
    """One page and the capped number of all rows.

    The keys of the page come first, from an index alone where there is one; only they are joined with relations.
    """
    total = capped_count(statement)
    entity = _entity(statement)
    page = statement.with_only_columns(entity.id).order_by(*order)
    keys = db.session.scalars(page.offset((state.page - 1) * state.size).limit(state.size + 1)).all()
    return Result(_rows(entity, keys[: state.size], options), total, has_more=len(keys) > state.size)


def _rows(entity: Any, keys: Sequence[int], options: Sequence[Any]) -> Sequence[Any]:
    """The rows behind *keys*, in their order; a parent that was deleted still lends its name."""
    if not keys:
        return []
    statement = select(entity).where(entity.id.in_(keys)).options(*options)
    found = {row.id: row for row in db.session.scalars(statement.execution_options(with_deleted=True))}
    return [found[key] for key in keys if key in found]


def _entity(statement: Select[Any]) -> Any:
    return statement.column_descriptions[0]["entity"]


def cached_count(model: Any, name: str, condition: ColumnElement[bool]) -> int:
    """`capped_count` of a named condition, asked for once a request however often a page shows it."""
    key = f"count of {model.__name__} {name}"
    if key not in g:
        setattr(g, key, capped_count(select(model).where(condition)))
    counted: int = g.get(key)
    return counted


def capped_count(statement: Select[Any]) -> int:
    """How many rows *statement* has, or one more than `COUNT_CAP` when there are more than that."""
    entity = _entity(statement)
    keys = statement.with_only_columns(entity.id).order_by(None).limit(COUNT_CAP + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(keys)) or 0
