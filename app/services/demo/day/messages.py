"""Conversations of the demo: of two and of all members, open and closed, with unread messages for each role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from app.extensions import db
from app.gateways.storage import Upload
from app.lib.clock import now
from app.lib.persian import fold, sort_key
from app.services.attachment.attach import attach
from app.services.bulk import insert_all, insert_keyed
from app.services.demo.day.conversations import CONVERSATIONS, FILE, Conversation, Said
from app.services.demo.receipt import RECEIPT
from models.messages.message import Message
from models.messages.thread import Thread, ThreadKind, ThreadMember, ThreadStatus
from models.notifications.notifying import subject_of
from models.tenancy.scope import whole_organization


def write_messages(people: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Write the conversations of *people*, the members of the acting organisation by their part; returns the notifications."""
    moment, notices = now(), []
    # The writer is a member of some of them only.
    with whole_organization(db.session()):
        for conversation in CONVERSATIONS:
            notices += _write(conversation, people, moment - timedelta(minutes=conversation.ago))
    return notices


def _write(conversation: Conversation, people: Mapping[str, Any], last: datetime) -> list[dict[str, Any]]:
    ids = {name: people[name].id for name in conversation.members}
    said, at = conversation.said, [last - timedelta(minutes=each.before) for each in conversation.said]
    subject, closed_by = conversation.subject or "", conversation.closed_by
    newest = {"last_message_at": last, "last_text": said[-1].text[:160], "last_by_id": ids[said[-1].by]}
    closed = (
        {"status": ThreadStatus.CLOSED, "closed_at": last, "closed_by_id": ids[closed_by]}
        if closed_by
        else {}
    )
    keys = {"search_key": fold(subject), "sort_key": sort_key(subject)}
    thread: dict[str, Any] = {"kind": ThreadKind.INTERNAL, "subject": subject or None, "created_at": at[0]}
    thread |= {"created_by_id": ids[said[0].by], **newest, **keys, **closed}
    [thread_id] = insert_keyed(Thread, [thread])
    messages = insert_keyed(
        Message,
        [
            {"thread_id": thread_id, "text": each.text, "at": moment, "by_id": ids[each.by], "seen_at": seen}
            for each, moment, seen in zip(said, at, _seen(conversation, at), strict=True)
        ],
    )
    insert_all(
        ThreadMember,
        [
            _member(conversation, name, ids[name], thread_id=thread_id, messages=messages, last=last)
            for name in ids
        ],
    )
    _attach(said, messages)
    sender = people[said[-1].by]
    return [
        _notice(ids[name], unread, thread_id=thread_id, message_id=messages[-1], sender=sender, last=last)
        for name, unread in conversation.unread.items()
    ]


def _seen(conversation: Conversation, at: Sequence[datetime]) -> list[datetime | None]:
    """When each message was seen: a few minutes later, unless the only other member has not read it."""
    unread = max(conversation.unread.values(), default=0) if len(conversation.members) == 2 else 0
    return [
        None if number >= len(at) - unread else moment + timedelta(minutes=2 + number)
        for number, moment in enumerate(at)
    ]


def _member(
    conversation: Conversation,
    name: str,
    key: int,
    *,
    thread_id: int,
    messages: Sequence[int],
    last: datetime,
) -> dict[str, Any]:
    unread = conversation.unread.get(name, 0)
    read = messages[: len(messages) - unread]
    return {
        "thread_id": thread_id,
        "member_id": key,
        "last_message_at": last,
        "unread": unread,
        "last_read_id": read[-1] if read else None,
        "read_at": last if read else None,
    }


def _attach(said: Sequence[Said], messages: Sequence[int]) -> None:
    for each, key in zip(said, messages, strict=True):
        if each.text.endswith("همین الان فرستادند."):
            attach(db.session.get_one(Message, key), [Upload(FILE, BytesIO(RECEIPT))])


def _notice(
    member_id: int, unread: int, *, thread_id: int, message_id: int, sender: Any, last: datetime
) -> dict[str, Any]:
    return {
        "member_id": member_id,
        "kind": "messages.messages.thread",
        "section": "messages",
        "row_id": message_id,
        "address": f"/messages/show/{thread_id}",
        "count": unread,
        "params": {"name": str(sender)},
        "act": subject_of("thread_id", thread_id),
        "created_at": last,
        "read_at": None,
    }
