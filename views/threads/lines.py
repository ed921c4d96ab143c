"""The list of a member's conversations: filtered, searched, the latest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import BigInteger, ColumnElement, literal, select, tuple_
from sqlalchemy.orm import aliased

from app.extensions import db
from app.lib.jalali import format_time
from app.lib.moment import moment_of, number_of
from app.panel.actor import member_id
from app.panel.formatting import spoken_time
from models.member import Member
from models.messages.thread import Thread, ThreadKind, ThreadMember, ThreadStatus
from models.types import UtcDateTime
from views.threads.names import Others, others_of, title_of
from views.threads.query import UNREAD, ThreadQuery
from views.threads.search import searched

SIZE = 30


@dataclass(frozen=True)
class ThreadLine:
    id: int
    title: str
    letters: str
    kind: str | None  # of a conversation of another kind than messages
    url: str
    last: str
    unread: int
    at: datetime
    when: str
    full_time: str


@dataclass(frozen=True)
class ThreadList:
    lines: Sequence[ThreadLine]
    older: str  # the place of the last line, where older ones exist


def thread_list(query: ThreadQuery, addresses: dict[ThreadKind, str]) -> ThreadList:
    """The member's conversations of the kinds in *addresses*, which has the address of each kind."""
    last_by = aliased(Member)
    statement = (
        select(ThreadMember.unread, Thread, last_by.first_name)
        .join(ThreadMember.thread)
        .outerjoin(last_by, last_by.id == Thread.last_by_id)
        .where(
            ThreadMember.member_id == member_id(),
            Thread.kind.in_(list(addresses)),
            Thread.status == _status(query),
            *_reading(query),
            *_before(query),
        )
        .order_by(ThreadMember.last_message_at.desc(), ThreadMember.thread_id.desc())
        .limit(SIZE + 1)
    )
    rows = db.session.execute(searched(statement, query.text)).all()
    shown = rows[:SIZE]
    others = others_of([thread.id for _unread, thread, _name in shown])
    lines = [
        _line(thread, unread, name, others.get(thread.id, Others()), addresses[thread.kind])
        for unread, thread, name in shown
    ]
    return ThreadList(lines, _place(shown[-1][1]) if len(rows) > SIZE else "")


def _status(query: ThreadQuery) -> ThreadStatus:
    return ThreadStatus.CLOSED if query.status == ThreadStatus.CLOSED.value else ThreadStatus.OPEN


def _reading(query: ThreadQuery) -> Sequence[ColumnElement[bool]]:
    if not query.reading:
        return ()
    return (ThreadMember.unread > 0 if query.reading == UNREAD else ThreadMember.unread == 0,)


def _place(thread: Thread) -> str:
    return f"{number_of(thread.last_message_at)}.{thread.id}"


def _before(query: ThreadQuery) -> Sequence[ColumnElement[bool]]:
    """The lines after the place in the address; all for any other text."""
    parts = query.older.split(".")
    if len(parts) != 2 or not all(each.isascii() and each.isdigit() and len(each) <= 17 for each in parts):
        return ()
    at, key = moment_of(int(parts[0])), int(parts[1])
    here = tuple_(literal(at, UtcDateTime()), literal(key, BigInteger()))
    return (tuple_(ThreadMember.last_message_at, ThreadMember.thread_id) < here,)


def _line(thread: Thread, unread: int, last_name: str | None, others: Others, base_url: str) -> ThreadLine:
    time = spoken_time(thread.last_message_at)
    return ThreadLine(
        id=thread.id,
        title=title_of(thread.subject, others),
        letters=others.letters,
        kind=None if thread.kind is ThreadKind.INTERNAL else str(thread.kind),
        url=f"{base_url}show/{thread.id}",
        last=_last_words(thread, last_name, others),
        unread=unread,
        at=thread.last_message_at,
        when=format_time(thread.last_message_at) if time.is_today else time.words,
        full_time=time.full,
    )


def _last_words(thread: Thread, last_name: str | None, others: Others) -> str:
    text = thread.last_text or _("File")
    if thread.last_by_id == member_id():
        return _("You: %(text)s", text=text)
    return f"{last_name}: {text}" if others.total > 1 and last_name else text
