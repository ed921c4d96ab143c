"""Closing a conversation and opening it again."""

from __future__ import annotations

from app.extensions import db
from app.lib.clock import now
from app.services.audit.record import record
from app.services.message.send import lock
from models.messages.thread import Thread, ThreadStatus
from models.tenancy.scope import actor_of


def close(thread: Thread) -> bool:
    """Close *thread*; False where another member has closed it meanwhile."""
    lock(thread)
    if thread.status is ThreadStatus.CLOSED:
        return False
    thread.status, thread.closed_at = ThreadStatus.CLOSED, now()
    thread.closed_by_id = actor_of(db.session()).member_id
    record("close", thread)
    db.session.flush()
    return True


def reopen(thread: Thread) -> bool:
    """Open *thread* again; False where it is open already."""
    lock(thread)
    if thread.status is ThreadStatus.OPEN:
        return False
    thread.status, thread.closed_at, thread.closed_by_id = ThreadStatus.OPEN, None, None
    record("reopen", thread)
    db.session.flush()
    return True
