"""Numbers from the summary of the ledger: the lines of days, less those whose pair was assigned before in the range.

It answers questions without a product and a source, for which no row of the summary stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from app.extensions import db
from app.services.report.keys import Asked, key_of, of_member, place_of, within
from app.services.report.question import Group, Question
from models.figures.assigned_day import AssignedDay
from models.figures.repeated_line import RepeatedLine

_ORDERED = frozenset({Group.PRODUCT, Group.SOURCE})
_ZERO, _ONE_LESS = literal_column("0", BigInteger), literal_column("-1", BigInteger)


def is_summed(question: Asked, group: Group | None) -> bool:
    """Whether the summary has the numbers of *group*."""
    return group not in _ORDERED and question.product_id is None and question.source_id is None


def lines_of(question: Question) -> int:
    """The counted lines of the days of *question* that the acting member may see, of any product and source."""
    statement = (
        select(func.sum(AssignedDay.lines))
        .select_from(AssignedDay)
        .where(
            within(AssignedDay.begins_at, question.whole), *of_member(AssignedDay.member_id, question, None)
        )
    )
    return int(db.session.scalar(statement) or 0)


def lines_by_member(question: Question) -> dict[int, int]:
    """As `lines_of`, by the member who got them."""
    statement = (
        select(AssignedDay.member_id, func.sum(AssignedDay.lines))
        .where(
            within(AssignedDay.begins_at, question.whole), *of_member(AssignedDay.member_id, question, None)
        )
        .group_by(AssignedDay.member_id)
    )
    return {member: int(lines) for member, lines in db.session.execute(statement)}


def lines_by(question: Asked, groups: Mapping[int, Group | None], member_id: Any) -> CTE:
    """The lines of all *groups* at once: a key for each of them, «key_0» and so on, and their number."""
    keys = [
        key_of(question, group, AssignedDay.member_id, AssignedDay.begins_at).label(f"key_{place}")
        for place, group in groups.items()
    ]
    each = (
        select(*keys, AssignedDay.lines)
        .where(
            within(AssignedDay.begins_at, question.whole),
            *of_member(AssignedDay.member_id, question, member_id),
        )
        .subquery()
    )
    names = [each.c[key.name] for key in keys]
    return select(*names, func.sum(each.c.lines).label("lines")).group_by(*names).cte("lines")


def numbers(question: Asked, group: Group | None, member_id: Any, lines: CTE, place: int) -> Select[Any]:
    """(key, numbers, customers) of *group*, whose key has the *place* in *lines*."""
    key = lines.c[f"key_{place}"]
    is_one_member = question.consultant_id is not None or member_id is not None
    before = RepeatedLine.pair_before_at
    if group is Group.CONSULTANT or is_one_member:
        # The customers of one consultant are their pairs.
        all_lines = select(key.label("key"), lines.c.lines.label("count"))
        each = union_all(all_lines, _repeats(question, group, member_id, before, _ONE_LESS)).subquery()
        count = second = func.sum(each.c.count)
    else:
        all_lines = select(key.label("key"), lines.c.lines.label("count"), lines.c.lines.label("second"))
        customers = RepeatedLine.customer_before_at
        each = union_all(
            all_lines,
            _repeats(question, group, member_id, before, _ONE_LESS, _ZERO),
            _repeats(question, group, member_id, customers, _ZERO, _ONE_LESS),
        ).subquery()
        count, second = func.sum(each.c.count), func.sum(each.c.second)
    found = select(
        each.c.key,
        cast(count, BigInteger).label("count"),
        cast(second, BigInteger).label("second"),
        _ZERO.label("amount"),
    )
    return found.group_by(each.c.key).having(count > _ZERO)


def _repeats(question: Asked, group: Group | None, member_id: Any, before: Any, *columns: Any) -> Select[Any]:
    """The key and *columns* of each line whose pair or customer was assigned *before* within the same row of the table."""
    key = key_of(question, group, RepeatedLine.member_id, RepeatedLine.at)
    return (
        select(key.label("key"), *columns)
        .select_from(RepeatedLine)
        .where(
            *repeated_in(before, question.whole),
            *_in_same_period(question, group, before),
            *of_member(RepeatedLine.member_id, question, member_id),
        )
    )


def repeated_in(before: Any, period: Any) -> tuple[ColumnElement[bool], ...]:
    """The conditions for lines of *period* that are not the first in it."""
    # A time before the line is before the end too: so the index on it has two bounds.
    return within(before, period), RepeatedLine.at < period.end


def _in_same_period(question: Asked, group: Group | None, before: Any) -> tuple[ColumnElement[bool], ...]:
    if group is None or group.grain is None:
        return ()
    return (place_of(before, question, group.grain) == place_of(RepeatedLine.at, question, group.grain),)
