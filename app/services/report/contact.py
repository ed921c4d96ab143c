"""When customers are reached: the time to the first contact, and the hours at which they answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    cast,
    extract,
    func,
    literal_column,
    select,
)

from app.extensions import db
from app.lib.jalali import TEHRAN, to_jalali
from app.services.report.spans import BY_PLACE, PLACE, Span
from models.assignment import Assignment
from models.follow_up import FollowUp, FollowUpEntry, FollowUpStatus
from models.result_title import ResultKind, ResultTitle
from models.types import UtcDateTime

_MINUTE, _DAY = 60, 86_400
HALF_HOUR = 1_800
# Tehran has had no summer time since 2022.
_OFFSET = 12_600
_UNDATED = -1
# The steps by their upper end in minutes; then the rest of the same day, later days, and no contact yet.
STEPS = (5, 15, 60, 240)


@dataclass
class Step:
    """Numbers whose first contact came within one step, and how many of them bought."""

    count: int = 0
    won: int = 0


class FirstContact(NamedTuple):
    """The seven steps, and the median of the minutes; None without a contact."""

    steps: list[Step]
    median: int | None


def first_contact(of: int | None, span: Span) -> FirstContact:
    """The time from the first assignment of an order in *span* to the first contact with its customer."""
    first, end = span.bounds
    values = {"first": first, "end": end, "member": of}
    steps, minutes = [Step() for _number in range(len(STEPS) + 3)], dict[int, int]()
    for minute, is_same_day, count, won in db.session.execute(_contacts(has_member=of is not None), values):
        step = steps[_step_of(minute, is_same_day=bool(is_same_day))]
        step.count, step.won = step.count + count, step.won + int(won or 0)
        if minute != _UNDATED:
            minutes[minute] = minutes.get(minute, 0) + count
    return FirstContact(steps, _median(minutes))


def _step_of(minute: int, *, is_same_day: bool) -> int:
    if minute == _UNDATED:
        return len(STEPS) + 2
    step = next((number for number, most in enumerate(STEPS) if minute < most), None)
    if step is not None:
        return step
    return len(STEPS) + (0 if is_same_day else 1)


def _median(counts: dict[int, int]) -> int | None:
    """The middle value; the lower one of two."""
    left = (sum(counts.values()) + 1) // 2
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return None


def seconds_of(column: Any) -> Any:
    """Whole seconds since 1970; the remainder is taken off, because a cast rounds."""
    epoch = extract("epoch", column)
    return cast(epoch - epoch % 1, BigInteger)


@cache
def _contacts(*, has_member: bool) -> Select[Any]:
    start, contact = seconds_of(Assignment.started_at), seconds_of(FollowUp.first_contact_at)
    passed = case((contact > start, contact - start), else_=0)
    is_dated = FollowUp.first_contact_at.is_not(None)
    is_same_day = (start + _OFFSET) // _DAY == (contact + _OFFSET) // _DAY
    rows = (
        select(
            case((is_dated, passed // _MINUTE), else_=_UNDATED).label(PLACE),
            case((and_(is_dated, is_same_day), 1), else_=0).label("is_same_day"),
            func.count(),
            func.sum(case((FollowUp.status == FollowUpStatus.WON, 1), else_=0)),
        )
        .join_from(Assignment, FollowUp, FollowUp.order_id == Assignment.order_id)
        .where(
            Assignment.counts(),
            # A reassigned order has had its first contact, or waits for it since the first assignment.
            Assignment.from_member_id.is_(None),
            Assignment.started_at >= bindparam("first", type_=UtcDateTime()),
            Assignment.started_at < bindparam("end", type_=UtcDateTime()),
        )
    )
    if has_member:
        rows = rows.where(Assignment.to_member_id == bindparam("member", type_=Integer()))
    return rows.group_by(BY_PLACE, literal_column("is_same_day"))


class Answers(NamedTuple):
    calls: int
    answered: int


def answers(of: int | None, span: Span) -> dict[tuple[int, int], Answers]:
    """The calls of *span* by weekday (0 is Saturday) and hour in Tehran."""
    first, end = span.bounds
    values = {"first": first, "end": end, "member": of}
    found: dict[tuple[int, int], Answers] = {}
    for half_hour, calls, answered in db.session.execute(_answers(has_member=of is not None), values):
        local = datetime.fromtimestamp(int(half_hour) * HALF_HOUR, UTC).astimezone(TEHRAN)
        key = to_jalali(local).weekday(), local.hour
        known = found.get(key, Answers(0, 0))
        found[key] = Answers(known.calls + calls, known.answered + int(answered or 0))
    return found


@cache
def _answers(*, has_member: bool) -> Select[Any]:
    is_answered = case((ResultTitle.kind != ResultKind.UNREACHABLE, 1), else_=0)
    rows = (
        select((seconds_of(FollowUpEntry.at) // HALF_HOUR).label(PLACE), func.count(), func.sum(is_answered))
        .join_from(FollowUpEntry, ResultTitle, ResultTitle.id == FollowUpEntry.result_title_id)
        .where(
            FollowUpEntry.is_undone.is_(False),
            FollowUpEntry.at >= bindparam("first", type_=UtcDateTime()),
            FollowUpEntry.at < bindparam("end", type_=UtcDateTime()),
        )
    )
    if has_member:
        rows = rows.where(FollowUpEntry.by_id == bindparam("member", type_=Integer()))
    # A title that was deleted still says whether the call was answered.
    return rows.group_by(BY_PLACE).execution_options(with_deleted=True)
