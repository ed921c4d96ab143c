"""Who gets how many orders: foreseen before an act, in words after it, and why some wait."""

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

# More names than this make no sentence.
_MOST_NAMES = 10
_BY_RULE = (AssignmentMethod.IMPORT, AssignmentMethod.ROUND_ROBIN, AssignmentMethod.STICKY)


class MemberShare(NamedTuple):
    """How many orders one member gets."""

    member_id: int
    name: str
    orders: int


@dataclass(frozen=True)
class SharePreview:
    """What a round robin would do now, and how many orders it would leave in the tray."""

    shares: Sequence[MemberShare]
    waiting: int


def shares_of(members: Iterable[Member]) -> list[MemberShare]:
    """One share for each of *members*, who come once for each order; the largest first."""
    names = {}
    counts: Counter[int] = Counter()
    for member in members:
        names[member.id] = member.full_name
        counts[member.id] += 1
    return _sorted(MemberShare(key, names[key], count) for key, count in counts.items())


def preview_shares(amount: int, first_id: int) -> SharePreview:
    """Deal *amount* orders, of which *first_id* is the first, without giving any."""
    with whole_organization(db.session()):
        members = list(db.session.scalars(turn_takers()).unique())
        dealt = take_turns(range(amount), members, seed=first_id)
    return SharePreview(shares_of(member for _number, member in dealt), amount - len(dealt))


def in_words(shares: Sequence[MemberShare]) -> str:
    """«زهرا ۳، علی ۲», with the number of those who are too many to name."""
    words = [f"{share.name} {persian_digits(share.orders)}" for share in shares[:_MOST_NAMES]]
    more = len(shares) - len(words)
    if more:
        words.append(ngettext("%(num)s more member", "%(num)s more members", more))
    return "، ".join(words)


def dealt_in_words(shares: Sequence[MemberShare]) -> str:
    """How many orders went to how many consultants, by name."""
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
    """The same before the act."""
    return ngettext(
        "%(num)s order goes to %(people)s: %(shares)s.",
        "%(num)s orders go to %(people)s: %(shares)s.",
        sum(share.orders for share in shares),
        people=ngettext("%(num)s consultant", "%(num)s consultants", len(shares)),
        shares=in_words(shares),
    )


def waiting_in_words(amount: int) -> str:
    """How many orders stay in the tray, and why."""
    words = ngettext("%(num)s order waits in the tray.", "%(num)s orders wait in the tray.", amount)
    return f"{words} {why_waiting()}"


def why_waiting() -> str:
    """Why the round robin gives nothing more now."""
    return _why(_consultants())


def shortage() -> str | None:
    """Why the round robin would give nothing now; None when it would."""
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
    """Who got how many of the orders that *job* brought, by the rules that dealt them."""
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
    """How many of the orders that *job* brought have no consultant."""
    waiting = select(func.count(Order.id)).where(
        Order.import_job_id == job.id, Order.status == OrderStatus.NEW
    )
    return db.session.scalar(waiting) or 0


def sentences_on_import(job: ImportJob) -> list[str]:
    """Who got how many orders of an import that deals them, and why others wait; nothing of any other import."""
    if not job.assign or job.status not in {ImportStatus.DONE, ImportStatus.FAILED}:
        return []
    words = [dealt_in_words(shares_of_import(job))]
    waiting = waiting_of_import(job)
    return [*words, waiting_in_words(waiting)] if waiting else words


def _consultants() -> list[Member]:
    """The active consultants, be they present or not."""
    here = Member.organization_id == actor_of(db.session()).organization_id
    statement = select(Member).where(here, Member.active.is_(True), takes_turns())
    return list(db.session.scalars(statement.order_by(Member.id)).unique())


def _sorted(shares: Iterable[MemberShare]) -> list[MemberShare]:
    return sorted(shares, key=lambda share: (-share.orders, share.name, share.member_id))
