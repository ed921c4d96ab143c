"""How a round robin distributes orders: previews, results and who waits, as figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, select

from app.extensions import db
from app.services.assignment.round_robin import take_turns, takes_turns, turn_takers
from models.assignment import Assignment, AssignmentMethod
from models.job import ImportJob
from models.member import Member
from models.order import Order, OrderStatus
from models.tenancy.scope import actor_of, whole_organization

_BY_RULE = (AssignmentMethod.IMPORT, AssignmentMethod.ROUND_ROBIN, AssignmentMethod.STICKY)


class MemberShare(NamedTuple):
    """The number of orders of one member."""

    member_id: int
    name: str
    orders: int


@dataclass(frozen=True)
class SharePreview:
    """The result that a round robin would have now; `waiting` orders would stay new."""

    shares: Sequence[MemberShare]
    waiting: int


def shares_of(members: Iterable[Member]) -> list[MemberShare]:
    """The shares of *members*, given once for each order; largest first."""
    names = {}
    counts: Counter[int] = Counter()
    for member in members:
        names[member.id] = member.full_name
        counts[member.id] += 1
    return _sorted(MemberShare(key, names[key], count) for key, count in counts.items())


def preview_shares(amount: int, first_id: int) -> SharePreview:
    """The shares if *amount* orders, beginning with *first_id*, were assigned now; writes nothing."""
    with whole_organization(db.session()):
        members = list(db.session.scalars(turn_takers()).unique())
        pairs = take_turns(range(amount), members, seed=first_id)
    return SharePreview(shares_of(member for _number, member in pairs), amount - len(pairs))


def shares_of_import(job: ImportJob) -> list[MemberShare]:
    """The shares of the orders of *job* that were assigned by a rule."""
    given = (
        select(Member.id, Member.first_name, Member.last_name, func.count())
        .join(Assignment, Assignment.to_member_id == Member.id)
        .join(Order, Order.id == Assignment.order_id)
        .where(Order.import_job_id == job.id, Assignment.method.in_(_BY_RULE), Assignment.counts())
        .group_by(Member.id, Member.first_name, Member.last_name)
    )
    return _sorted(
        MemberShare(key, f"{first} {last}".strip(), count)
        for key, first, last, count in db.session.execute(given)
    )


def waiting_of_import(job: ImportJob) -> int:
    """The number of orders of *job* without a consultant."""
    waiting = select(func.count(Order.id)).where(
        Order.import_job_id == job.id, Order.status == OrderStatus.NEW
    )
    return db.session.scalar(waiting) or 0


def consultants_here() -> list[Member]:
    """The active consultants, present or not."""
    here = Member.organization_id == actor_of(db.session()).organization_id
    statement = select(Member).where(here, Member.active.is_(True), takes_turns())
    return list(db.session.scalars(statement.order_by(Member.id)).unique())


def _sorted(shares: Iterable[MemberShare]) -> list[MemberShare]:
    return sorted(shares, key=lambda share: (-share.orders, share.name, share.member_id))
