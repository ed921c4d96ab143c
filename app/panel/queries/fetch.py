"""The list's statements: scope comes from the session, the rest from the declaration and the address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.panel.queries import counts as counting
from app.panel.queries.counts import Counts, Question, counted, entity_of, living, written
from app.panel.queries.cursor import Order, Place, Slice, fetch
from app.panel.queries.projection import Shape

PAGE_SIZES = (25, 50, 100)
# A page looks so many rows ahead by itself: most of what people search for is less, and needs no counting of its own.
AHEAD = 200
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


class Beside(NamedTuple):
    """What a page of rows brings along: numbers, `own` being that of the list's own rows where it is among them."""

    counts: Counts
    own: str | None = None
    looks_ahead: bool = False


def fetch_page(
    statement: Select[Any],
    shape: Shape,
    order: Order,
    place: Place,
    *,
    size: int,
    total: int,
    values: Mapping[str, Any] = _NO_VALUES,
    beside: Beside | None = None,
) -> Slice:
    """One page of *statement* as rows of *shape*; what a kept statement is asked for is kept with it.

    A page at either end that looks ahead tells how many rows there are in all, where they are no more than `AHEAD`.
    """
    looks_ahead = beside is not None and beside.looks_ahead and place.anchor is None and size < AHEAD
    ahead = AHEAD + 1 if looks_ahead else 0
    seen: list[int] = []

    def ask(condition: ColumnElement[bool] | None, by: tuple[Any, ...], most: int, beyond: Any) -> list[Any]:
        questions = beside.counts.questions if beside else ()
        page = _page(statement, shape, condition, by, most, ahead=ahead, questions=questions)
        rows = _execute(page, {**values, **beyond})
        if beside and questions and rows:
            beside.counts.take(rows[0][-len(questions) :])
        if ahead:
            seen.append(rows[0][-len(questions) - 1] if rows else 0)
        return shape.build(rows)

    def known() -> int | None:
        count = beside.counts.get(beside.own) if beside and beside.own else total
        return count if count is not None and count <= counting.COUNT_CAP else None

    found = fetch(ask, order, place, size, total=known)
    is_seen = len(seen) == order.parts and max(seen) <= AHEAD
    return replace(found, total=sum(seen)) if is_seen else found


def fetch_rows(statement: Select[Any], shape: Shape, values: Mapping[str, Any], *, most: int) -> list[Any]:
    """The first rows of *statement* by their keys, at *most* so many, as rows of *shape*."""
    return shape.build(_execute(_page(statement, shape, None, (entity_of(statement).id,), most), values))


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
    questions: tuple[Question, ...] = (),
) -> Select[Any]:
    """The rows of one range of *statement*; behind each, how many there are among the first *ahead*, and the answers to *questions*.

    The keys come first, from an index alone where there is one; only they are joined with their parents, which lend
    their names also when they were deleted.
    """
    entity, part = entity_of(statement), living(statement)
    if condition is not None:
        part = part.where(condition)
    answers = map(counted, questions)
    if not ahead:
        keys = part.with_only_columns(entity.id).order_by(*by).limit(written(most)).subquery()
        return shape.select(keys).add_columns(*answers).order_by(*by)
    place = func.row_number().over(order_by=by).label("place")
    first = part.with_only_columns(entity.id, place).order_by(*by).limit(written(ahead)).subquery()
    seen = func.count().over().label("seen")
    keys = select(first.c.id, seen).order_by(first.c.place).limit(written(most)).subquery()
    return shape.select(keys).add_columns(keys.c.seen, *answers).order_by(*by)
