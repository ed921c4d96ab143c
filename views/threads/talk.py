"""One conversation for its template: its head, its members and what the member has not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.lib.persian import group_number
from app.panel.actor import member_id, serves_tickets
from models.member import Member
from models.messages.thread import Thread, ThreadKind, ThreadMember, ThreadStatus
from views.threads.names import Others, title_of


@dataclass(frozen=True)
class Partner:
    """A member of the conversation; a deactivated one stays as a name."""

    id: int
    name: str
    is_active: bool
    is_present: bool
    last_read: int


@dataclass(frozen=True)
class Talk:
    """A conversation with its members, as the acting member finds it."""

    thread: Thread
    me: Partner | None
    others: Sequence[Partner]
    unread: int

    @property
    def title(self) -> str:
        return title_of(self.thread.subject, self.named)

    @property
    def named(self) -> Others:
        return Others([each.name for each in self.others], len(self.others))

    @property
    def opens_files(self) -> bool:
        """Who only reads along, as managers do with tickets of their members, gets no files."""
        return self.me is not None or serves_tickets()

    @property
    def is_open(self) -> bool:
        return self.thread.status is ThreadStatus.OPEN

    @property
    def has_reader(self) -> bool:
        if self.thread.kind is ThreadKind.TICKET:
            return True
        return any(each.is_active for each in self.others)

    @property
    def note(self) -> str:
        """The line under the title: whether the only other member is there, or who takes part."""
        if len(self.others) != 1:
            return (
                self.named.words
                if self.thread.subject
                else _("%(num)s members", num=group_number(len(self.others) + 1))
            )
        [other] = self.others
        name = [other.name] if self.thread.subject else []
        state = _("Switched off") if not other.is_active else _("Present") if other.is_present else _("Away")
        return " · ".join([*name, state])

    @property
    def closed_by(self) -> str:
        """Who closed it."""
        key = self.thread.closed_by_id
        if key == member_id():
            return _("You closed this conversation.")
        names = {each.id: each.name for each in self.others}
        name = names.get(key or 0) or str(self.thread.closed_by or "")
        return _("%(name)s closed this conversation.", name=name)


def find_talk(key: int, kinds: Sequence[Any]) -> Talk | None:
    """The conversation *key* with its members, if the acting member may read it; one statement."""
    columns = Member.id, Member.first_name, Member.last_name, Member.active, Member.accepts_orders
    statement = (
        select(Thread, *columns, ThreadMember.last_read_id, ThreadMember.unread)
        .join(ThreadMember, ThreadMember.thread_id == Thread.id)
        .join(ThreadMember.member)
        .where(Thread.id == key, Thread.kind.in_(list(kinds)))
        .order_by(ThreadMember.id)
    )
    rows = db.session.execute(statement).all()
    if not rows:
        return None
    partners = [
        Partner(pk, f"{first} {last}".strip(), bool(active), bool(present), last_read or 0)
        for _thread, pk, first, last, active, present, last_read, _unread in rows
    ]
    mine = next((row for row in rows if row[1] == member_id()), None)
    return Talk(
        thread=rows[0][0],
        me=next((each for each in partners if each.id == member_id()), None),
        others=[each for each in partners if each.id != member_id()],
        unread=mine[-1] if mine is not None else 0,
    )
