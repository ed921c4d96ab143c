"""Reading: what the acting member has read of a conversation, and what the others see of it."""

from __future__ import annotations

from sqlalchemy import func, select, update

from app.extensions import db
from app.lib.clock import now
from app.services.notification import mark_subject_read
from models.messages.message import Message
from models.messages.thread import Thread, ThreadMember
from models.notifications import notifying
from models.tenancy.scope import actor_of

_UNSYNCHRONIZED = {"synchronize_session": False}


def mark_read(thread: Thread, since: int | None) -> bool:
    """Mark all messages of *thread* as read by the acting member; False where none was unread.

    *since* is the last message that they had read before. Read the messages afterwards: the row of the member is locked
    by then, so that a message which is sent meanwhile is either among them or counted as unread again.
    """
    me, moment = actor_of(db.session()).member_id, now()
    own = ThreadMember.thread_id == thread.id, ThreadMember.member_id == me
    newest = select(func.max(Message.id)).where(Message.thread_id == thread.id).scalar_subquery()
    values = {"unread": 0, "last_read_id": newest, "read_at": moment}
    statement = update(ThreadMember).where(*own, ThreadMember.unread > 0).values(values)
    read = db.session.execute(statement.returning(ThreadMember.id), execution_options=_UNSYNCHRONIZED).first()
    if read is None:
        return False
    of_others = Message.thread_id == thread.id, Message.id > (since or 0), Message.by_id != me
    seen = update(Message).where(*of_others, Message.seen_at.is_(None))
    db.session.execute(seen.values(seen_at=moment), execution_options=_UNSYNCHRONIZED)
    mark_subject_read(notifying.subject_of("thread_id", thread.id))
    return True
