"""What a member does with their notifications, and the deletion of old ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, select, update

from app.extensions import db
from app.lib.clock import now
from app.services.audit.record import muted, note
from models.notifications import notifying
from models.notifications.notification import Notification
from models.tenancy.scope import actor_of

RETENTION = timedelta(days=90)


def report(model: Any, column: str, keys: Iterable[int], *, by_program: bool = False) -> None:
    """Report rows whose *column* a bulk statement has changed, so that the members whom it concerns are notified."""
    notifying.report(db.session(), model, column, keys, by_program=by_program)


def name_act(at: datetime) -> None:
    """Name the act of this transaction by the moment *at*, so that its undo finds the notifications."""
    notifying.name_act(db.session(), at)


def unreported() -> AbstractContextManager[None]:
    """What is flushed within is no event: an undo gives members back what they had."""
    return notifying.unreported(db.session())


def withdraw(model: Any, column: str, at: datetime, undone: Mapping[int, int]) -> None:
    """Take rows of the act of *at* that are undone off the unread notifications; *undone* is their number by member."""
    notifying.withdraw(db.session(), model, column, at, undone)


def is_mine(key: int) -> bool:
    """Whether the notification *key* is one of the acting member's own."""
    mine = Notification.member_id == actor_of(db.session()).member_id
    return db.session.scalar(select(Notification.id).where(mine, Notification.id == key)) is not None


def mark_read(key: int | None = None, *, at: datetime | None = None) -> int:
    """Mark the notification *key* of the acting member as read, or all of them; returns the number."""
    which = Notification.read_at.is_(None), Notification.dismissed_at.is_(None)
    one = () if key is None else (Notification.id == key,)
    return _update(key, *which, *one, read_at=at or now())


def mark_read_of(section: str, row_id: int) -> int:
    """Mark the acting member's notifications of one row of *section* as read; returns the number."""
    of_row = Notification.section == section, Notification.row_id == row_id
    return _update(None, *of_row, Notification.read_at.is_(None), read_at=now())


def mark_subject_read(subject: str) -> int:
    """Mark the notification about *subject* (`models.notifications.notifying.subject_of`) as read, without an event."""
    mine = Notification.member_id == actor_of(db.session()).member_id
    about = Notification.act == subject, Notification.read_at.is_(None), Notification.dismissed_at.is_(None)
    statement = update(Notification).where(mine, *about).values(read_at=now())
    with muted():
        result: CursorResult[Any] = db.session.execute(statement.execution_options(synchronize_session=False))
    return result.rowcount


def mark_unread(at: datetime) -> int:
    """Take back `mark_read` of the moment *at*."""
    return _update(None, Notification.read_at == at, Notification.dismissed_at.is_(None), read_at=None)


def dismiss(key: int) -> bool:
    """Take the notification away from the member's page; a dismissed one counts as read."""
    moment = now()
    mark_read(key, at=moment)
    which = Notification.id == key, Notification.dismissed_at.is_(None)
    return bool(_update(key, *which, dismissed_at=moment))


def restore(key: int) -> bool:
    """Show a dismissed notification again, as it was before."""
    which = Notification.id == key, Notification.dismissed_at.is_not(None)
    # One that was unread has been marked as read by its dismissal, at the same moment.
    was_unread = Notification.read_at == Notification.dismissed_at
    as_it_was = _update(key, *which, was_unread, dismissed_at=None, read_at=None)
    return bool(as_it_was or _update(key, *which, dismissed_at=None))


def delete_old() -> int:
    """Delete the notifications of the acting organisation that were read long ago; returns the number."""
    old = delete(Notification).where(Notification.read_at < now() - RETENTION)
    with muted():
        result: CursorResult[Any] = db.session.execute(old.execution_options(synchronize_session=False))
    return result.rowcount


def _update(key: int | None, *conditions: Any, **values: Any) -> int:
    """Write *values* to the acting member's own notifications that meet *conditions*, with an event of the trail."""
    mine = Notification.member_id == actor_of(db.session()).member_id
    statement = update(Notification).where(mine, *conditions).values(**values)
    with muted():
        result: CursorResult[Any] = db.session.execute(statement.execution_options(synchronize_session=False))
    if result.rowcount:
        note("edit", Notification, key, after=values)
    return result.rowcount
