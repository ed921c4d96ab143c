"""The shares of a round robin in words."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from app.lib.persian import persian_digits
from app.services.assignment.round_robin import room_today
from app.services.assignment.share import MemberShare, consultants_here, shares_of_import, waiting_of_import
from models.job import ImportJob, ImportStatus
from models.member import Member

# A sentence names at most this many members.
_MOST_NAMES = 10


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
    return _why(consultants_here())


def shortage() -> str | None:
    """The reason why the round robin would assign nothing now; None when it would."""
    consultants = consultants_here()
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


def sentences_on_import(job: ImportJob) -> list[str]:
    """Sentences on the assignment of an ended import; none when it assigns nothing."""
    if not job.assign or job.status not in {ImportStatus.DONE, ImportStatus.FAILED}:
        return []
    words = [assigned_in_words(shares_of_import(job))]
    waiting = waiting_of_import(job)
    return [*words, waiting_in_words(waiting)] if waiting else words
