"""The calls of a question by the hour in Tehran, answered or not, for the member who recorded them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, case, func, literal_column, select

from app.extensions import db
from app.lib.jalali import TEHRAN
from app.services.report.contact import HALF_HOUR, seconds_of
from app.services.report.keys import of_member, of_order, of_organization, within
from app.services.report.numbers import own_member_id
from app.services.report.question import Question
from models.follow_up import FollowUp, FollowUpEntry
from models.order import Order
from models.result_title import ResultKind, ResultTitle
from models.tenancy.scope import whole_organization

# (hour, 1 for an answered call and 0 for another)
Hours = Counter[tuple[int, int]]
_HALF_HOUR = seconds_of(FollowUpEntry.at) // HALF_HOUR
_ANSWERED: Any = case(
    (ResultTitle.kind != ResultKind.UNREACHABLE, literal_column("1")), else_=literal_column("0")
)


def calls_by_hour(question: Question) -> Hours:
    found: Hours = Counter()
    calls = _calls(question).subquery()
    statement = select(calls.c.half_hour, calls.c.answered, func.count()).group_by(
        calls.c.half_hour, calls.c.answered
    )
    for half_hour, answered, count in _read(statement):
        found[_hour(half_hour), answered] += count
    return found


def calls_of(
    question: Question,
    hour: int | None,
    answered: int | None,
    after: int | None = None,
    most: int | None = None,
) -> list[int]:
    """The keys of the calls of a cell, the newest first; None for any hour, and for all calls.

    At most so many, with keys below *after*.
    """
    statement = _calls(question).order_by(FollowUpEntry.id.desc()).limit(most)
    if after is not None:
        statement = statement.where(FollowUpEntry.id < after)
    if hour is not None:
        places = _calls(question).subquery()
        known = {place for (place,) in _read(select(places.c.half_hour).distinct())}
        chosen = sorted(int(place) for place in known if _hour(place) == hour)
        statement = statement.where(_HALF_HOUR.in_(chosen))
    if answered is not None:
        statement = statement.where(answered == _ANSWERED)
    return [row[0] for row in _read(statement)]


def _read(statement: Select[Any]) -> Any:
    # A call counts for who recorded it, also after its follow-up was given away or deleted.
    with whole_organization(db.session()):
        return db.session.execute(statement, execution_options={"with_deleted": True}).all()


def _hour(half_hour: int) -> int:
    return datetime.fromtimestamp(int(half_hour) * HALF_HOUR, UTC).astimezone(TEHRAN).hour


def _calls(question: Question) -> Select[Any]:
    statement = select(
        FollowUpEntry.id, _HALF_HOUR.label("half_hour"), _ANSWERED.label("answered")
    ).join_from(FollowUpEntry, ResultTitle, ResultTitle.id == FollowUpEntry.result_title_id)
    if question.product_id is not None or question.source_id is not None:
        statement = (
            statement.join(FollowUp, FollowUp.id == FollowUpEntry.follow_up_id)
            .join(Order, Order.id == FollowUp.order_id)
            .where(*of_order(question))
        )
    return statement.where(
        FollowUpEntry.is_undone.is_(False),
        within(FollowUpEntry.at, question.whole),
        of_organization(FollowUpEntry.by_id),
        *of_member(FollowUpEntry.by_id, question, own_member_id()),
    )
