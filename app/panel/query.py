"""The list's statements: scope comes from the session, the rest from the declaration and the address."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from flask import g
from sqlalchemy import BindParameter, ColumnElement, Integer, Select, bindparam, func, select
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.lib.held import Held
from app.panel.keyset import Order, Place, Slice, fetch
from app.panel.page_row import Shape
from models.base import SoftDelete
from models.scope import acting_of

PAGE_SIZES = (25, 50, 100)
# Counting stops here: the exact size of a long list is worth less than a fast page.
COUNT_CAP = 10_000
# And much earlier for the small numbers beside tabs and in the menu.
BADGE_CAP = 1_000
# A page looks so many rows ahead by itself: most of what people search for is less, and needs no counting of its own.
AHEAD = 200
# What was too long to count is too long for a while, and counting up to the cap is what a long list's page costs most.
_LONG = Held(seconds=60, most=10_000)
_NO_VALUES: Mapping[str, Any] = {}


@dataclass(frozen=True)
class ListState:
    """What the address says of a list, made harmless."""

    search: str
    tab: str
    sort: str
    descending: bool
    size: int


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
        size=size if size in PAGE_SIZES else PAGE_SIZES[0],
    )


def _number(text: str, *, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return 1
    return min(max(int(text), 1), most)


def fetch_page(
    statement: Select[Any],
    shape: Shape,
    order: Order,
    place: Place,
    *,
    size: int,
    total: int,
    values: Mapping[str, Any] = _NO_VALUES,
    looks_ahead: bool = False,
) -> Slice:
    """One page of *statement* as rows of *shape*; what a kept statement is asked for is kept with it.

    A page at either end that *looks_ahead* tells how many rows there are in all, where they are no more than `AHEAD`.
    """
    ahead = AHEAD + 1 if looks_ahead and place.anchor is None and size < AHEAD else 0
    seen: list[int] = []

    def ask(condition: ColumnElement[bool] | None, by: tuple[Any, ...], most: int, beyond: Any) -> list[Any]:
        page = _page(statement, shape, condition, by, most, ahead=ahead)
        rows = _execute(page, {**values, **beyond})
        if ahead:
            seen.append(rows[0][-1] if rows else 0)
        return shape.build(rows)

    found = fetch(ask, order, place, size, total=total if total <= COUNT_CAP else None)
    is_seen = len(seen) == order.parts and max(seen) <= AHEAD
    return replace(found, total=sum(seen)) if is_seen else found


def fetch_rows(statement: Select[Any], shape: Shape, values: Mapping[str, Any], *, most: int) -> list[Any]:
    """The first rows of *statement* by their keys, at *most* so many, as rows of *shape*."""
    return shape.build(_execute(_page(statement, shape, None, (_entity(statement).id,), most), values))


def _execute(page: Select[Any], values: Mapping[str, Any]) -> Sequence[Any]:
    return db.session.execute(page, values, execution_options={"with_deleted": True}).all()


@lru_cache(maxsize=500)
def _page(
    statement: Select[Any],
    shape: Shape,
    condition: ColumnElement[bool] | None,
    by: tuple[Any, ...],
    most: int,
    *,
    ahead: int = 0,
) -> Select[Any]:
    """The rows of one range of *statement*; behind each stands how many rows there are, among the first *ahead* ones.

    The keys come first, from an index alone where there is one; only they are joined with their parents, which lend
    their names also when they were deleted.
    """
    entity = _entity(statement)
    alive = statement.where(entity.deleted_at.is_(None)) if issubclass(entity, SoftDelete) else statement
    part = alive if condition is None else alive.where(condition)
    if not ahead:
        keys = part.with_only_columns(entity.id).order_by(*by).limit(_written(most)).subquery()
        return shape.select(keys).order_by(*by)
    place = func.row_number().over(order_by=by).label("place")
    first = part.with_only_columns(entity.id, place).order_by(*by).limit(_written(ahead)).subquery()
    seen = func.count().over().label("seen")
    keys = select(first.c.id, seen).order_by(first.c.place).limit(_written(most)).subquery()
    return shape.select(keys).add_columns(keys.c.seen).order_by(*by)


def _written(number: int) -> BindParameter[int]:
    """A limit that stands in the statement itself: PostgreSQL keeps its plan only when it knows how few rows are wanted."""
    return bindparam(None, number, Integer, literal_execute=True, unique=True)


def _entity(statement: Select[Any]) -> Any:
    return statement.column_descriptions[0]["entity"]


def capped_counts(
    statements: Mapping[str, Select[Any]],
    *,
    exact: Collection[str] = (),
    lasting: Collection[str] = (),
    values: Mapping[str, Any] = _NO_VALUES,
) -> dict[str, int]:
    """How many rows each statement has, at most one more than `BADGE_CAP` or, where *exact*, than `COUNT_CAP`.

    All in one question. Counts are kept for the request: a tab and the menu beside it show the same number. Those whose
    names are *lasting* mean the same in every request of a member.
    """
    known: dict[tuple[str, int], int] = g.setdefault("counts", {})
    caps = {
        name: COUNT_CAP if name in exact or (name, COUNT_CAP) in known else BADGE_CAP for name in statements
    }
    whose = _whose()
    for key in caps.items():
        if key[0] in lasting and key not in known and _LONG.is_held((whose, key)):
            known[key] = key[1] + 1
    asked = [(name, cap) for name, cap in caps.items() if (name, cap) not in known]
    if asked:
        counting = _counting_all(tuple((statements[key[0]], key[1]) for key in asked))
        numbers = db.session.execute(counting, values).one()
        known.update(zip(asked, numbers, strict=True))
        for key in asked:
            if key[0] in lasting and known[key] > key[1]:
                _LONG.hold((whose, key))
    return {name: known[name, cap] for name, cap in caps.items()}


def is_long(name: str) -> bool:
    """Whether the list called *name* was too long to count a moment ago."""
    return _LONG.is_held((_whose(), (name, COUNT_CAP)))


def _whose() -> Hashable:
    acting = acting_of(db.session())
    return acting.organization_id, acting.member_id, acting.own


@lru_cache(maxsize=500)
def _counting_all(asked: tuple[tuple[Select[Any], int], ...]) -> Select[Any]:
    return select(*(_counting(statement, cap) for statement, cap in asked))


def _counting(statement: Select[Any], cap: int) -> Any:
    entity = _entity(statement)
    keys = statement.with_only_columns(entity.id).order_by(None).limit(_written(cap + 1)).subquery()
    return select(func.count()).select_from(keys).scalar_subquery()


def cached_count(model: Any, name: str, condition: Callable[[], ColumnElement[bool]]) -> int:
    """The capped number of rows under a named condition, asked for once a request however often a page shows it."""
    key, known = count_name(model, name), g.setdefault("counts", {})
    for cap in (COUNT_CAP, BADGE_CAP):
        if (key, cap) in known:
            return int(known[key, cap])
    return capped_counts({key: select(model).where(condition())}, lasting={key})[key]


def forget_long_lists() -> None:
    """Count everything anew (for tests, whose keys come back)."""
    _LONG.clear()


def count_name(model: Any, name: str) -> str:
    return f"{model.__name__} {name}"
