"""Round robin: present consultants in turn, longest waiting first, within their daily capacity."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import ColumnElement, Select, and_, func, select

from app.extensions import db
from app.lib.jalali import start_of_day, today
from models.assignment import Assignment
from models.member import Member
from models.tenancy.scope import actor_of

Item = TypeVar("Item")

_NEVER = datetime.min.replace(tzinfo=UTC)
_TAKES_TURNS = "Consultant"


def is_present() -> ColumnElement[bool]:
    """The condition that a member of the acting organisation may be assigned orders by a rule."""
    organization_id = actor_of(db.session()).organization_id
    return and_(
        Member.organization_id == organization_id,
        Member.active.is_(True),
        Member.accepts_orders.is_(True),
        Member.has_logged_in(),
    )


def turn_takers() -> Select[tuple[Member]]:
    """The present consultants."""
    return select(Member).where(is_present(), takes_turns()).order_by(Member.id)


def takes_turns() -> ColumnElement[bool]:
    """The condition that a member is a consultant, present or not."""
    return Member.roles.any(Role.name == _TAKES_TURNS)


def present_members() -> list[Member]:
    """The present consultants, locked so that concurrent assignments don't choose the same ones."""
    statement = (
        turn_takers()
        # KEY SHARE: rows that refer to a member can still be written.
        .with_for_update(key_share=True, of=Member)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(statement).unique())


def take_turns(items: Iterable[Item], members: Sequence[Member], *, seed: int) -> list[tuple[Item, Member]]:
    """Pairs of *items* and *members* in turn, until no member has room left.

    *seed*, the id of the first order, breaks ties, so that a preview and the assignment agree.
    """
    room = room_today(members)
    queue = deque(
        sorted(members, key=lambda each: (each.last_assigned_at or _NEVER, _tie_breaker(seed, each)))
    )
    pairs = []
    for item in items:
        while queue and room.get(queue[0].id, 1) < 1:
            queue.popleft()
        if not queue:
            break
        member = queue[0]
        queue.rotate(-1)
        pairs.append((item, member))
        if member.id in room:
            room[member.id] -= 1
    return pairs


def within_capacity(pairs: Sequence[tuple[Item, Member]]) -> list[tuple[Item, Member]]:
    """Those of *pairs* for which the member has room left today, the first ones first."""
    room = room_today({member.id: member for _item, member in pairs}.values())
    taken = Counter[int]()
    fitting = []
    for item, member in pairs:
        if taken[member.id] < room.get(member.id, len(pairs)):
            taken[member.id] += 1
            fitting.append((item, member))
    return fitting


def _tie_breaker(seed: int, member: Member) -> float:
    return random.Random(f"{seed}:{member.id}").random()  # noqa: S311 - no secret


def room_today(members: Iterable[Member]) -> dict[int, int]:
    """How many more orders each member with a daily capacity may get today (in Tehran), by member id."""
    room = {each.id: each.daily_capacity for each in members if each.daily_capacity is not None}
    if not room:
        return {}
    given = (
        select(Assignment.to_member_id, func.count())
        .where(
            Assignment.to_member_id.in_(room),
            Assignment.started_at >= start_of_day(today()),
            Assignment.counts(),
        )
        .group_by(Assignment.to_member_id)
    )
    for member_id, count in db.session.execute(given):
        room[member_id] -= count
    return room
