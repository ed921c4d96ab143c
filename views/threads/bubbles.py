"""The messages of one conversation for its template, with their files and who has seen them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.lib.jalali import format_time
from app.lib.persian import group_number
from app.panel.actor import member_id
from app.panel.formatting import full_time
from app.panel.records.attachments import icon_of, size_words
from app.panel.timeline.page import group_of
from models.attachment import Attachment, AttachmentState
from models.messages.message import Message
from views.threads.talk import Talk

SIZE, MOST = 40, 100
# So many of the names of those who have seen a message are shown.
MOST_NAMES = 20


@dataclass(frozen=True)
class TalkFile:
    name: str
    url: str | None
    icon: str
    size: str


@dataclass(frozen=True)
class Bubble:
    """A message in words. `day` begins a day, and `new` is the number of new messages that begin with it."""

    id: int
    is_own: bool
    by: str
    text: str
    files: Sequence[TalkFile]
    at: datetime
    time: str
    full_time: str
    seen: str
    is_seen: bool
    seen_by: Sequence[str]
    day: str = ""
    new: int = 0


@dataclass(frozen=True)
class BubblePage:
    bubbles: Sequence[Bubble]
    # The key of the first message, where older ones exist.
    older: int | None
    newest: int


def bubble_page(
    talk: Talk, base_url: str, *, before: int | None = None, after: int | None = None
) -> BubblePage:
    """The newest messages, those before the message *before*, or all after the message *after*."""
    statement = select(Message).where(Message.thread_id == talk.thread.id)
    size = min(max(SIZE, talk.unread + 5), MOST)
    if before is not None:
        statement = statement.where(Message.id < before)
    if after is not None:
        statement, size = statement.where(Message.id > after), MOST
    found = db.session.scalars(statement.order_by(Message.id.desc()).limit(size + 1)).all()
    shown = found[:size][::-1]
    files = _files_of(shown, f"{base_url}{talk.thread.id}/files/" if talk.opens_files else None)
    first_new = _first_new(talk, shown) if before is None and after is None else 0
    names = {each.id: each.name for each in talk.others}
    bubbles, last_day = [], ""
    for message in shown:
        day = group_of(message.at)
        new = talk.unread if message.id == first_new else 0
        bubble = _bubble(talk, message, names, files=files.get(message.id, ()))
        bubbles.append(replace(bubble, day="" if day == last_day else day, new=new))
        last_day = day
    older = shown[0].id if shown and len(found) > size and after is None else None
    return BubblePage(bubbles, older, shown[-1].id if shown else after or 0)


def _first_new(talk: Talk, shown: Sequence[Message]) -> int:
    if not talk.unread or talk.me is None:
        return 0
    unread = (each.id for each in shown if each.id > talk.me.last_read and each.by_id != talk.me.id)
    return next(unread, 0)


def _bubble(talk: Talk, message: Message, names: Mapping[int, str], *, files: Sequence[TalkFile]) -> Bubble:
    is_own = message.by_id == member_id()
    readers = [each.name for each in talk.others if each.last_read >= message.id] if is_own else []
    return Bubble(
        id=message.id,
        is_own=is_own,
        by="" if is_own or len(talk.others) == 1 else names.get(message.by_id) or str(message.by),
        text=message.text,
        files=files,
        at=message.at,
        time=format_time(message.at),
        full_time=full_time(message.at),
        seen=_seen_words(talk, message, len(readers)) if is_own else "",
        is_seen=bool(readers),
        seen_by=readers[:MOST_NAMES] if len(talk.others) > 1 else (),
    )


def _seen_words(talk: Talk, message: Message, readers: int) -> str:
    if not readers:
        return _("Sent")
    if len(talk.others) == 1:
        at = message.seen_at
        return _("Seen %(time)s", time=format_time(at)) if at else _("Seen")
    return _("%(num)s of %(all)s have seen it", num=group_number(readers), all=group_number(len(talk.others)))


def _files_of(messages: Sequence[Message], base_url: str | None) -> dict[int, list[TalkFile]]:
    """The files of the messages, without addresses where *base_url* is None; one statement."""
    found: dict[int, list[TalkFile]] = {}
    if not messages:
        return found
    keys = [each.id for each in messages]
    of_messages = Attachment.parent_type == Message.__tablename__, Attachment.parent_id.in_(keys)
    statement = select(Attachment).where(*of_messages).order_by(Attachment.id)
    for file in db.session.scalars(statement):
        is_shut = base_url is None or file.state is AttachmentState.INFECTED
        url = None if is_shut else f"{base_url}{file.uuid}"
        line = TalkFile(file.original_name, url, icon_of(file), size_words(file.size))
        found.setdefault(file.parent_id or 0, []).append(line)
    return found
