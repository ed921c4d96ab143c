"""The statement that reads one page of a timeline.

Each source is a range of one index, limited to a page; their union is sorted and limited again, and only its rows are
joined with their columns. The cost depends on the size of a page, not on the number of events.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    literal_column,
    or_,
    select,
    union_all,
)

from app.extensions import db
from app.panel.access import permitted_section
from app.panel.declaration import Declaration
from app.panel.queries.counts import inline_limit, not_deleted
from app.panel.queries.projection import Projection, projection_of
from app.panel.timeline.place import Place
from app.panel.timeline.source import Record, Source, Timeline, range_name
from models.base import Row
from models.tenancy.own_rows import TEST_EACH
from models.types import UtcDateTime

SIZE = 30
# So many ranges of one source are read.
_MOST_RANGES = 64
_AT, _KIND, _KEY = "older_at", "older_kind", "older_key"


@dataclass(frozen=True)
class Found:
    """An event as it was read: its place, its source and its row."""

    place: Place
    source: Source
    row: Any


def read_events(timeline: Timeline, record: Row, before: Place | None, *, size: int = SIZE) -> list[Found]:
    """The newest events of *record* that the member may see, those before *before*; at most one more than *size*."""
    sections = [permitted_section(source.section, "can_list") for source in timeline.sources]
    if not any(sections):
        return []
    rows = tuple(each and _rows_of(each) for each in sections)
    ranges = _ranges_of(timeline, record, rows)
    sizes = tuple(len(each) for each in ranges)
    page = _page(timeline, _class_of(record), rows, sizes, size, is_later=before is not None)
    values = page.record.values(record)
    for kind, each in enumerate(ranges):
        values |= {range_name(kind, number): value for number, value in enumerate(each)}
    if before is not None:
        values |= {_AT: before.at, _KIND: before.kind, _KEY: before.key}
    found = db.session.execute(page.statement, values, execution_options={"with_deleted": True}).all()
    return [page.found(timeline, row) for row in found]


def _ranges_of(timeline: Timeline, record: Row, rows: Sequence[Any]) -> list[Sequence[Any]]:
    """The values of the ranges of each source, filled up to a power of two, so that few statements differ by their number."""
    found: list[Sequence[Any]] = []
    for source, visible in zip(timeline.sources, rows, strict=True):
        if source.ranges is None or visible is None:
            found.append((None,))
            continue
        values = list(source.ranges(record))[:_MOST_RANGES]
        number = 1 << max(len(values) - 1, 0).bit_length()
        found.append(values + [None] * (number - len(values)))
    return found


def _class_of(record: Any) -> Any:
    return type(record)


def _rows_of(section: Any) -> Select[Any]:
    """The rows of *section*: the same object each time, unless the section has its own rule, which may depend on the member."""
    is_own = type(section).statement is not Declaration.statement
    statement: Select[Any] = section.statement() if is_own else _all_rows(section.model)
    return statement


@lru_cache(maxsize=100)
def _all_rows(model: Any) -> Select[Any]:
    return select(model)


@dataclass(frozen=True)
class _Page:
    statement: Select[Any]
    record: Record
    # For each kind: its projection, and the columns of the result that it takes.
    slices: dict[int, tuple[Projection, slice]]

    def found(self, timeline: Timeline, row: Any) -> Found:
        kind, at, key = row[0], row[1], row[2]
        projection, columns = self.slices[kind]
        return Found(Place(at, kind, key), timeline.sources[kind], projection.build([row[columns]])[0])


# Cached, so that all pages share one compiled statement. *rows* has the rows of the sections that the member may list.
@lru_cache(maxsize=200)
def _page(
    timeline: Timeline,
    model: type[Row],
    rows: tuple[Select[Any] | None, ...],
    ranges: tuple[int, ...],
    size: int,
    *,
    is_later: bool,
) -> _Page:
    record = Record(model)
    sources = {kind: source for kind, source in enumerate(timeline.sources) if rows[kind] is not None}
    branches = []
    for kind, source in sources.items():
        for name, keys in _ranges(source, kind, rows[kind], record, ranges[kind]):
            older = _older(getattr(source.model, source.at), kind, source.model.id)
            shown = keys.where(older) if is_later else keys
            branches.append(select(shown.limit(inline_limit(size + 1)).subquery(name)))
    events = union_all(*branches).subquery("events")
    newest = events.c.at.desc(), events.c.kind.desc(), events.c.key.desc()
    first = select(events).order_by(*newest).limit(inline_limit(size + 1)).subquery("first_events")
    statement: Select[Any] = select(first.c.kind, first.c.at, first.c.key).select_from(first)
    slices, start = {}, 3
    for kind, source in sources.items():
        projection = projection_of(source.model, (source.at, *source.reads))
        columns, joins = projection.columns_and_joins
        statement = statement.add_columns(*columns).outerjoin(
            source.model, and_(first.c.kind == literal_column(str(kind)), source.model.id == first.c.key)
        )
        for target, condition in joins:
            statement = statement.outerjoin(target, condition)
        slices[kind] = projection, slice(start, start + len(columns))
        start += len(columns)
    statement = statement.order_by(first.c.at.desc(), first.c.kind.desc(), first.c.key.desc())
    return _Page(statement.execution_options(**{TEST_EACH: True}), record, slices)


def _ranges(
    source: Source, kind: int, rows: Any, record: Record, number_of_ranges: int
) -> Iterator[tuple[str, Select[Any]]]:
    """The events of each range of one source, newest first, with a name."""
    for number in range(number_of_ranges):
        record.range = kind, number
        yield f"source_{kind}_{number}", _keys(source, kind, rows, record)


def _keys(source: Source, kind: int, rows: Any, record: Record) -> Select[Any]:
    """The events of one source on the page of *record*, newest first."""
    own, at = source.model, getattr(source.model, source.at)
    shown = not_deleted(rows)
    if source.scope is not None:
        shown = not_deleted(select(own)).where(source.scope(shown, record))
    number = literal_column(str(kind), Integer).label("kind")
    keys = shown.where(source.of[record.model](record))
    return keys.with_only_columns(number, at.label("at"), own.id.label("key")).order_by(
        at.desc(), own.id.desc()
    )


def _older(at: Any, kind: int, key: Any) -> ColumnElement[bool]:
    """The events of the source *kind* that come after the place in the order of a timeline."""
    before, number = bindparam(_AT, type_=UtcDateTime), bindparam(_KIND, type_=Integer)
    here = literal_column(str(kind), Integer)
    same = and_(here == number, key < bindparam(_KEY, type_=key.type))
    return and_(at <= before, or_(at < before, here < number, same))
