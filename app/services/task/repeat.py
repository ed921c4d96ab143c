"""The tasks that follow recurring ones: each is made when the task before it is done, or on its own day, and once.

A transaction that completes a recurring task makes the next one before it commits, whatever has written the task.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import CursorResult, Select, and_, event, inspect, select, update
from sqlalchemy.orm import Session, SessionTransaction

from app.extensions import db
from app.lib.jalali import today
from app.services.audit.record import note
from models.audit.recorder import separate_event
from models.member import Member
from models.task import Task, TaskStatus

# A row of (key of the task, key of its organisation).
Due = tuple[int, int]
_MOST = 1_000
_DONE = "tasks that were done"
# What the next task takes over.
_COPIED = (
    "organization_id",
    "title",
    "description",
    "due_time",
    "owner_id",
    "follow_up_id",
    "customer_id",
    "repeats",
    "repeat_weekdays",
    "repeat_day",
    "remind",
)


def of_active_owner() -> Any:
    """The condition that joins a task to its owner, who is active in its organisation."""
    return and_(
        Member.id == Task.owner_id, Member.active.is_(True), Member.organization_id == Task.organization_id
    )


def due_to_repeat() -> Sequence[Due]:
    """The tasks of all organisations whose next task is to be made."""
    statement: Select[int, int] = (
        select(Task.id, Task.organization_id)
        .join(Member, of_active_owner())
        .where(Task.next_on <= today(), Task.status != TaskStatus.CANCELLED, Task.deleted_at.is_(None))
        # A task that was done while a worker made its successor.
        .where(Task.has_next.is_(False))
        .order_by(Task.next_on, Task.id)
        .limit(_MOST)
    )
    # Keys alone; each task is then made within its organisation.
    found = db.session.execute(statement, execution_options={"unscoped": True})
    return [(key, organization_id) for key, organization_id in found]


def repeat(key: int) -> Task | None:
    """Make the task that follows the task *key*; None where another worker or request has made it."""
    # Before anything is read: the row is locked until the commit, so two never make the same.
    if not _take(key):
        return None
    task = db.session.get_one(Task, key)
    db.session.refresh(task, ["has_next", "next_on"])
    rule = task.recurrence()
    if rule is None or task.due_on is None:
        return None
    following = Task(
        **{name: getattr(task, name) for name in _COPIED},
        due_on=rule.following(task.due_on, today()),
        previous_id=task.id,
    )
    db.session.add(following)
    db.session.flush()
    # The trail leaves out what programs change, unless they say so.
    note("add", Task, following.id, row=following)
    separate_event(db.session(), following)
    return following


def _take(key: int) -> bool:
    """Mark that the task has a successor; False where it has one, or has none any more."""
    is_due = Task.next_on.is_not(None), Task.has_next.is_(False), Task.status != TaskStatus.CANCELLED
    statement = (
        update(Task)
        .where(Task.id == key, Task.deleted_at.is_(None), *is_due)
        # No form shows the mark.
        .values(has_next=True, next_on=None, updated_at=Task.updated_at)
    )
    options = {"keeps_version": True, "synchronize_session": False}
    taken: CursorResult[Any] = db.session.execute(statement, execution_options=options)
    return bool(taken.rowcount)


@event.listens_for(Session, "after_flush")
def _collect(session: Session, _context: Any) -> None:
    """Remember the recurring tasks that are done."""
    done = [row.id for row in (*session.new, *session.dirty) if isinstance(row, Task) and _is_due(row)]
    if done:
        session.info.setdefault(_DONE, set()).update(done)


def _is_due(task: Task) -> bool:
    # A column that is not loaded was not changed; reading it would cost a statement.
    loaded: dict[str, Any] = inspect(task).dict
    return loaded.get("status") is TaskStatus.DONE and loaded.get("next_on") is not None


# First, because the trail and the notifications of the next tasks are written before the commit too.
@event.listens_for(Session, "before_commit", insert=True)
def _repeat_done(session: Session) -> None:
    if session.in_nested_transaction():  # only a savepoint is released
        return
    session.flush()
    keys: Collection[int] = session.info.pop(_DONE, ())
    for key in _still_due(session, keys) if keys else ():
        repeat(key)


def _still_due(session: Session, keys: Collection[int]) -> Sequence[int]:
    """Those of *keys* whose next task is to be made: a savepoint may have been rolled back, an owner is inactive."""
    due = Task.id.in_(keys), Task.status == TaskStatus.DONE, Task.next_on <= today()
    statement = select(Task.id).join(Member, of_active_owner()).where(*due).order_by(Task.id)
    return session.scalars(statement).all()


@event.listens_for(Session, "after_transaction_end")
def _drop(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_DONE, None)
