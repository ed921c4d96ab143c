"""Numbers from the summary of the ledger: the lines of days, less those whose pair was assigned before in the range.

It answers questions without a product and a source, for which no row of the summary stands.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, func, select

from app.extensions import db
from app.services.report.grouping import ZERO, Groups, keys_of, label_of, sums_by_key
from app.services.report.keys import Asked, key_of, of_member, place_of, within
from app.services.report.question import Group, Question
from models.figures.assigned_day import AssignedDay
from models.figures.repeated_line import RepeatedLine

_ORDERED = frozenset({Group.PRODUCT, Group.SOURCE})


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


def lines_of_days(question: Asked, groups: Groups, member_id: Any) -> Select[Any]:
    """The numbers of lines of the days, with the keys of *groups*."""
    keys = keys_of(question, groups, AssignedDay.member_id, AssignedDay.begins_at)
    return select(*keys, AssignedDay.lines).where(
        within(AssignedDay.begins_at, question.whole), *of_member(AssignedDay.member_id, question, member_id)
    )


def sum_of_lines(columns: Any) -> tuple[Any, Any, Any]:
    """The measures of `lines_of_days`: each line is a number and a customer, less those of `repeats_by_key`."""
    lines = cast(func.sum(columns.lines), BigInteger)
    return lines.label("count"), lines.label("second"), ZERO.label("amount")


def repeats_by_key(
    question: Asked, groups: Groups, kind: int, member_id: Any, *, has_sets: bool
) -> list[Select[Any]]:
    """How many numbers and customers of each key were assigned before in its range, below zero; see `sums_by_key`.

    Groups of a single consultant get no customers: these are their numbers.
    """
    pair = _repeats(question, groups, member_id, RepeatedLine.pair_before_at)
    found = sums_by_key(pair, groups, kind, _one_number_less, has_sets=has_sets)
    several = {place: group for place, group in groups.items() if not is_of_one(question, group, member_id)}
    if several:
        customer = _repeats(question, several, member_id, RepeatedLine.customer_before_at)
        found += sums_by_key(customer, several, kind, _one_customer_less, has_sets=has_sets)
    return found


def is_of_one(question: Asked, group: Group | None, member_id: Any) -> bool:
    """Whether each row of *group* is of a single consultant, whose customers are their numbers."""
    return group is Group.CONSULTANT or question.consultant_id is not None or member_id is not None


def _one_number_less(_columns: Any) -> tuple[Any, Any, Any]:
    return (-func.count()).label("count"), ZERO.label("second"), ZERO.label("amount")


def _one_customer_less(_columns: Any) -> tuple[Any, Any, Any]:
    return ZERO.label("count"), (-func.count()).label("second"), ZERO.label("amount")


def _repeats(question: Asked, groups: Groups, member_id: Any, before: Any) -> Select[Any]:
    """The keys of each line whose pair or customer was assigned *before* in the range.

    The key of a period is None where the line before lies in another period: it is the first one of its own.
    """
    keys = [_key_of_repeat(question, group, before).label(label_of(place)) for place, group in groups.items()]
    return (
        select(*keys)
        .select_from(RepeatedLine)
        .where(
            *repeated_in(before, question.whole),
            *of_member(RepeatedLine.member_id, question, member_id),
        )
    )


def _key_of_repeat(question: Asked, group: Group | None, before: Any) -> ColumnElement[Any]:
    key = key_of(question, group, RepeatedLine.member_id, RepeatedLine.at)
    if group is None or group.grain is None:
        return key
    return case((place_of(before, question, group.grain) == key, key))


def repeated_in(before: Any, period: Any) -> tuple[ColumnElement[bool], ...]:
    """The conditions for lines of *period* that are not the first in it."""
    # A time before the line is before the end too: so the index on it has two bounds.
    return within(before, period), RepeatedLine.at < period.end
