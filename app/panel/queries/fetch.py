"""The statements that read the rows of a list page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select

from app.extensions import db
from app.panel.queries import counts
from app.panel.queries.counts import Counts, Question, counted, entity_of, inline_limit, not_deleted
from app.panel.queries.cursor import Cursor, Ordering, Slice, fetch
from app.panel.queries.projection import Projection
from models.tenancy.large_owners import READS_LIST
from models.tenancy.own_rows import AmongOwn

# A page counts so many rows in its own statement; most searches find fewer, and need no second statement.
AHEAD = 200
_NO_VALUES: Mapping[str, Any] = {}
_OPTIONS = {"with_deleted": True, READS_LIST: True}


class PageExtras(NamedTuple):
    """The counts that the statement of a page reads too; `open_tab` is the name of the count of the list's own rows.

    With `peeks` the page counts up to `AHEAD` rows itself.
    """

    counts: Counts
    open_tab: str | None = None
    peeks: bool = False


def fetch_page(
    statement: Select[Any],
    projection: Projection,
    order: Ordering,
    place: Cursor,
    *,
    size: int,
    total: int,
    values: Mapping[str, Any] = _NO_VALUES,
    extras: PageExtras | None = None,
) -> Slice:
    """One page of *statement* as rows of *projection*.

    A page at either end that peeks also returns the total, where it is at most `AHEAD`.
    """
    peeks = extras is not None and extras.peeks and place.anchor is None and size < AHEAD
    ahead = AHEAD + 1 if peeks else 0
    seen: list[int] = []

    def read(
        condition: ColumnElement[bool] | None, by: tuple[Any, ...], most: int, beyond: dict[str, Any]
    ) -> list[Any]:
        questions = extras.counts.questions if extras else ()
        page = _page(statement, projection, condition, by, most, ahead=ahead, questions=questions)
        rows = _execute(page, {**values, **beyond})
        if extras and questions and rows:
            extras.counts.take([getattr(rows[0], name) for name in _answer_names(questions)])
        if ahead:
            seen.append(rows[0].rows_seen if rows else 0)
        return projection.build(rows)

    def known_total() -> int | None:
        count = extras.counts.get(extras.open_tab) if extras and extras.open_tab else total
        return count if count is not None and count <= counts.COUNT_CAP else None

    found = fetch(read, order, place, size, total=known_total)
    is_seen = len(seen) == order.parts and max(seen) <= AHEAD
    return replace(found, total=sum(seen)) if is_seen else found


def fetch_rows(
    statement: Select[Any], projection: Projection, values: Mapping[str, Any], *, most: int
) -> list[Any]:
    """The first *most* rows of *statement* in the order of their keys, as rows of *projection*."""
    return projection.build(
        _execute(_page(statement, projection, None, (entity_of(statement).id,), most), values)
    )


def _answer_names(questions: Sequence[Question]) -> list[str]:
    """The column labels of the answers to *questions*."""
    return [f"answer_{number}" for number in range(len(questions))]


def _execute(page: Select[Any], values: Mapping[str, Any]) -> Sequence[Any]:
    found: Sequence[Any] = db.session.execute(page, values, execution_options=_OPTIONS).all()
    return found


@lru_cache(maxsize=500)
def _page(
    statement: Select[Any],
    projection: Projection,
    condition: ColumnElement[bool] | None,
    by: tuple[Any, ...],
    most: int,
    *,
    ahead: int = 0,
    questions: tuple[Question, ...] = (),
) -> Select[Any]:
    """The statement for one range of *statement*, with the number of the first *ahead* rows and the counts for *questions*."""
    # A subquery selects the keys, from an index alone where there is one, and only those rows are joined with their
    # parents. Deleted parents are included, because lists show their names.
    entity, part = entity_of(statement), not_deleted(statement)
    if condition is not None:
        part = part.where(condition)
    answers = [
        counted(each).label(name) for each, name in zip(questions, _answer_names(questions), strict=True)
    ]
    if not ahead:
        keys = part.with_only_columns(entity.id).order_by(*by).limit(inline_limit(most)).subquery()
        return projection.select(keys).where(AmongOwn(entity.id)).add_columns(*answers).order_by(*by)
    place = func.row_number().over(order_by=by).label("place")
    first = part.with_only_columns(entity.id, place).order_by(*by).limit(inline_limit(ahead)).subquery()
    seen = func.count().over().label("rows_seen")
    keys = select(first.c.id, seen).order_by(first.c.place).limit(inline_limit(most)).subquery()
    page = projection.select(keys).where(AmongOwn(entity.id))
    return page.add_columns(keys.c.rows_seen, *answers).order_by(*by)
