"""What a conversation is called: its subject, or the names of its other members."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.extensions import db
from app.lib.persian import group_number
from app.panel.actor import member_id
from models.member import Member
from models.messages.thread import ThreadMember

# So many names stand in a title.
SHOWN = 3


class Others(NamedTuple):
    """The first names of a conversation's other members, and the number of all of them."""

    names: Sequence[str] = ()
    total: int = 0

    @property
    def words(self) -> str:
        """«A», «A, B» or «A, B and 3 others»."""
        shown, rest = list(self.names[:SHOWN]), self.total - len(self.names[:SHOWN])
        if rest == 0:
            return "، ".join(shown)
        return _("%(names)s and %(num)s others", names="، ".join(shown), num=group_number(rest))

    @property
    def letters(self) -> str:
        """The letters of the only other member, or of the group."""
        if self.total != 1:
            return _("G")
        return letters_of(self.names[0])


def letters_of(name: str) -> str:
    """The first letters of the first and the last part of a name."""
    parts = name.split()
    return "‌".join(part[:1] for part in (parts[:1] + parts[1:][-1:]))


def title_of(subject: str | None, others: Others) -> str:
    return subject or others.words or _("Conversation")


def others_of(thread_ids: Collection[int]) -> dict[int, Others]:
    """The other members of conversations, in one statement."""
    if not thread_ids:
        return {}
    of_thread = ThreadMember.thread_id
    ranked = (
        select(
            ThreadMember.thread_id,
            Member.first_name,
            Member.last_name,
            func.row_number().over(partition_by=of_thread, order_by=ThreadMember.id).label("place"),
            func.count().over(partition_by=of_thread).label("total"),
        )
        .join(ThreadMember.member)
        .where(ThreadMember.thread_id.in_(thread_ids), ThreadMember.member_id != member_id())
        .subquery()
    )
    found: dict[int, Others] = {}
    for row in db.session.execute(select(ranked).where(ranked.c.place <= SHOWN).order_by(ranked.c.place)):
        known = found.get(row.thread_id, Others())
        name = f"{row.first_name} {row.last_name}".strip()
        found[row.thread_id] = Others([*known.names, name], row.total)
    return found
