"""What open pages show of unread conversations: their number, and whether the open one has changed."""

from __future__ import annotations

from flask import request
from sqlalchemy import BigInteger, Integer, bindparam, func, select

from app.panel.actor import member_id
from app.panel.notifications.news import watch
from app.panel.queries.counts import count_on_every_page, page_count
from models.messages.thread import Thread, ThreadMember

_UNREAD = "unread conversations"


def open_thread() -> int:
    """The key of the conversation that the page has open; 0 for none."""
    text = request.args.get("thread", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


_ME = bindparam("thread_reader_id", type_=Integer, callable_=member_id)
_OPEN = bindparam("open_thread_id", type_=BigInteger, callable_=open_thread)

count_on_every_page(
    _UNREAD, select(ThreadMember).where(ThreadMember.member_id == _ME, ThreadMember.unread > 0)
)
watch(
    "thread",
    select(func.max(ThreadMember.last_message_at)).where(ThreadMember.member_id == _ME),
    select(Thread.row_version).where(Thread.id == _OPEN),
    select(func.max(ThreadMember.read_at)).where(ThreadMember.thread_id == _OPEN),
)


def unread_threads() -> int:
    """The capped number of conversations with unread messages."""
    return page_count(_UNREAD)
