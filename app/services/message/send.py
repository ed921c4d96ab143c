"""Sending: the first message of a conversation, and answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import case, select, update

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import Upload
from app.lib.clock import now
from app.lib.persian import group_number, is_blank, one_line, persian_digits
from app.services.attachment.attach import attach
from app.services.attachment.file_type import FileRefused
from app.services.audit.record import muted, record
from app.services.bulk import insert_all
from models.member import Member
from models.messages.message import LONGEST_MESSAGE, Message
from models.messages.thread import Thread, ThreadKind, ThreadMember, ThreadStatus
from models.tenancy.scope import actor_of

MOST_FILES = 10
_LAST_TEXT = 160


def start(
    receivers: Collection[Member], text: str, *, subject: str | None = None, uploads: Sequence[Upload] = ()
) -> Message:
    """Begin a conversation of the acting member with *receivers*; returns its first message."""
    me = _me()
    keys = {each.id for each in receivers} - {me}
    if not keys:
        raise DomainError(_("Choose at least one other member."), field="members")
    here = actor_of(db.session()).organization_id
    if any(not each.active or each.organization_id != here for each in receivers):
        raise DomainError(_("Choose active members of your organisation."), field="members")
    refuse_wrong(text, uploads)
    return begin(
        Thread(kind=ThreadKind.INTERNAL, subject=subject or None), [me, *sorted(keys)], text, uploads
    )


def begin(thread: Thread, member_ids: Sequence[int], text: str, uploads: Sequence[Upload]) -> Message:
    """Store *thread* with its members and its first message; the caller has checked them."""
    thread.last_message_at = now()
    db.session.add(thread)
    db.session.flush()
    members: list[dict[str, Any]] = [
        {"thread_id": thread.id, "member_id": key, "last_message_at": thread.last_message_at}
        for key in member_ids
    ]
    insert_all(ThreadMember, members)
    return _add(thread, text, uploads, token=None)


def answer(
    thread: Thread, text: str, *, uploads: Sequence[Upload] = (), token: UUID | None = None
) -> Message:
    """Add a message of the acting member to *thread*, which is opened again; one with a known *token* is there already."""
    refuse_wrong(text, uploads)
    lock(thread)
    sent = _sent(thread, token)
    if sent is not None:
        return sent
    if thread.kind is ThreadKind.INTERNAL and not has_reader(thread):
        raise DomainError(_("No active member is left in this conversation."), field="text")
    if thread.status is ThreadStatus.CLOSED:
        thread.status, thread.closed_at, thread.closed_by_id = ThreadStatus.OPEN, None, None
    return _add(thread, text, uploads, token=token)


def has_reader(thread: Thread) -> bool:
    """Whether an active member besides the acting one takes part."""
    others = (
        select(ThreadMember.id)
        .join(ThreadMember.member)
        .where(ThreadMember.thread_id == thread.id, ThreadMember.member_id != _me(), Member.active.is_(True))
    )
    return db.session.scalar(others.limit(1)) is not None


def lock(thread: Thread) -> None:
    """Lock *thread* and read it again: its messages are numbered in the order in which they become visible."""
    statement = select(Thread).where(Thread.id == thread.id).with_for_update(of=Thread)
    db.session.scalars(statement, execution_options={"populate_existing": True}).one()


def _me() -> int:
    member_id = actor_of(db.session()).member_id
    if member_id is None:
        raise LookupError("a message needs a member who sends it")
    return member_id


def _sent(thread: Thread, token: UUID | None) -> Message | None:
    if token is None:
        return None
    known = select(Message).where(Message.client_token == token, Message.thread_id == thread.id)
    return db.session.scalar(known.where(Message.by_id == _me()))


def refuse_wrong(text: str, uploads: Sequence[Upload]) -> None:
    """Refuse a message without content, one that is too long, and too many files."""
    if is_blank(text) and not uploads:
        raise DomainError(_("Write a message or choose a file."), field="text")
    if len(text) > LONGEST_MESSAGE:
        most = group_number(LONGEST_MESSAGE)
        raise DomainError(_("Write at most %(most)s characters."), field="text", most=most)
    if len(uploads) > MOST_FILES:
        raise FileRefused(_("A message has at most %(most)s files."), most=persian_digits(MOST_FILES))


def _add(thread: Thread, text: str, uploads: Sequence[Upload], *, token: UUID | None) -> Message:
    message = Message(thread=thread, text=text, at=now(), by_id=_me(), client_token=token)
    db.session.add(message)
    db.session.flush()
    # The names of the files are as private as the text.
    with muted():
        attach(message, uploads)
    thread.last_message_at, thread.last_by_id = message.at, message.by_id
    thread.last_text = one_line(text)[:_LAST_TEXT]
    counted = case((ThreadMember.member_id == message.by_id, 0), else_=1)
    values = {"unread": ThreadMember.unread + counted, "last_message_at": message.at}
    statement = update(ThreadMember).where(ThreadMember.thread_id == thread.id).values(values)
    db.session.execute(statement, execution_options={"synchronize_session": False})
    record("send", message)
    db.session.flush()
    return message
