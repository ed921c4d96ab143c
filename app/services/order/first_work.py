"""The work on the first order that a repeat belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.services.order.repeat import WORKED_ON
from models.follow_up import FollowUp
from models.member import Member
from models.result_title import ResultTitle


@dataclass(frozen=True)
class FirstWork:
    """The follow-up of the first order that a repeat belongs to."""

    follow_up_id: int
    consultant_id: int
    consultant: str
    is_open: bool
    can_be_given_work: bool  # the consultant
    result: str | None
    colour: str | None


def first_work(orders: Sequence[Any]) -> dict[int, FirstWork]:
    """The work on the first orders of *orders*, by their ids; one statement, within the scope of the member."""
    keys = {order.repeat_of_id for order in orders} - {None}
    if not keys:
        return {}
    statement = (
        select(
            FollowUp.order_id,
            FollowUp.id,
            FollowUp.status,
            Member.id,
            Member.first_name,
            Member.last_name,
            Member.active,
            Member.has_logged_in(),
            ResultTitle.title,
            ResultTitle.colour,
        )
        .join(Member, Member.id == FollowUp.consultant_id)
        .outerjoin(ResultTitle, ResultTitle.id == FollowUp.last_result_id)
        .where(FollowUp.order_id.in_(keys))
    )
    found = {}
    for order_id, key, status, member_id, first, last, active, logged_in, title, colour in db.session.execute(
        statement
    ):
        name = f"{first} {last}".strip()
        is_open, fit = status in WORKED_ON, bool(active and logged_in)
        shown = colour.value if colour is not None else None
        found[order_id] = FirstWork(key, member_id, name, is_open, fit, title, shown)
    return found
