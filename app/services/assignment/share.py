"""How a round robin distributes orders: previews, results and reasons, as figures and sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from app.extensions import db
from app.lib.persian import persian_digits
from app.services.assignment.round_robin import room_today, take_turns, takes_turns, turn_takers
from models.assignment import Assignment, AssignmentMethod
from models.job import ImportJob, ImportStatus
from models.member import Member
from models.order import Order, OrderStatus
from models.tenancy.scope import actor_of, whole_organization

# A sentence names at most this many members.
_MOST_NAMES = 10
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


def in_words(shares: Sequence[MemberShare]) -> str:
    """*shares* as «زهرا ۳، علی ۲», with the number of members beyond the limit of names."""
    words = [f"{share.name} {persian_digits(share.orders)}" for share in shares[:_MOST_NAMES]]
    more = len(shares) - len(words)
    if more:
        words.append(ngettext("%(num)s more member", "%(num)s more members", more))
    return "، ".join(words)


def assigned_in_words(shares: Sequence[MemberShare]) -> str:
    """The sentence on assigned orders."""
    amount = sum(share.orders for share in shares)
    if not amount:
        return _("No order was dealt.")
    people = ngettext("%(num)s consultant", "%(num)s consultants", len(shares))
    return ngettext(
        "%(num)s order was dealt among %(people)s: %(shares)s.",
        "%(num)s orders were dealt among %(people)s: %(shares)s.",
        amount,
        people=people,
        shares=in_words(shares),
    )


def preview_in_words(shares: Sequence[MemberShare]) -> str:
    """The sentence on orders that would be assigned."""
    return ngettext(
        "%(num)s order goes to %(people)s: %(shares)s.",
        "%(num)s orders go to %(people)s: %(shares)s.",
        sum(share.orders for share in shares),
        people=ngettext("%(num)s consultant", "%(num)s consultants", len(shares)),
        shares=in_words(shares),
    )


def waiting_in_words(amount: int) -> str:
    """The sentence on orders that stay new, with the reason."""
    words = ngettext("%(num)s order waits in the tray.", "%(num)s orders wait in the tray.", amount)
    return f"{words} {why_waiting()}"


def why_waiting() -> str:
    """The reason why the round robin assigns no more orders now."""
    return _why(_consultants())


def shortage() -> str | None:
    """The reason why the round robin would assign nothing now; None when it would."""
    consultants = _consultants()
    present = [member for member in consultants if member.is_present]
    room = room_today(present)
    return None if any(room.get(member.id, 1) > 0 for member in present) else _why(consultants)


def _why(consultants: Sequence[Member]) -> str:
    if any(member.is_present for member in consultants):
        return _("The consultants who are present have reached their capacity of today.")
    invited = [member.full_name for member in consultants if member.is_invited][:_MOST_NAMES]
    if not invited:
        return _("No consultant is present.")
    return _("No consultant is present; invited and not logged in yet: %(names)s.", names="، ".join(invited))


def shares_of_import(job: ImportJob) -> list[MemberShare]:
    """The shares of the orders of *job* that were assigned by a rule."""
    given = (
        select(Member.id, Member.first_name, Member.last_name, func.count())
        .join(Assignment, Assignment.to_member_id == Member.id)
        .join(Order, Order.id == Assignment.order_id)
        .where(Order.import_job_id == job.id, Assignment.method.in_(_BY_RULE))
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


def sentences_on_import(job: ImportJob) -> list[str]:
    """Sentences on the assignment of an ended import; none when it assigns nothing."""
    if not job.assign or job.status not in {ImportStatus.DONE, ImportStatus.FAILED}:
        return []
    words = [assigned_in_words(shares_of_import(job))]
    waiting = waiting_of_import(job)
    return [*words, waiting_in_words(waiting)] if waiting else words


def _consultants() -> list[Member]:
    """The active consultants, present or not."""
    here = Member.organization_id == actor_of(db.session()).organization_id
    statement = select(Member).where(here, Member.active.is_(True), takes_turns())
    return list(db.session.scalars(statement.order_by(Member.id)).unique())


def _sorted(shares: Iterable[MemberShare]) -> list[MemberShare]:
    return sorted(shares, key=lambda share: (-share.orders, share.name, share.member_id))
