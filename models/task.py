"""Tasks: what a member wants to do and to be reminded of, in the list and on the board (وظایف)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import (
    Connection,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    Time,
    event,
    inspect,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship
from sqlalchemy.sql import ColumnElement

from app.lib.clock import now
from app.lib.jalali import instant, start_of_day
from models.base import (
    Authored,
    Row,
    Searchable,
    SoftDelete,
    Tenant,
    Versioned,
    field,
    live_index,
    reads,
    set_index,
    trigram,
)
from models.boards.card import BoardCard
from models.customer import Customer
from models.follow_up import FollowUp
from models.member import Member
from models.mixins.undoable import Undoable
from models.schedule.task_schedule import Scheduled, plan
from models.types import Choice, UtcDateTime, choice

_OF = ("organization_id",)
_IS_OPEN = "status IN ('todo', 'doing')"
_REPEATS = "next_on IS NOT NULL AND status <> 'cancelled'"
_REMINDS = f"remind_at IS NOT NULL AND {_IS_OPEN}"
_FOLLOWS = text("previous_id IS NOT NULL")


class TaskStatus(Choice):
    """The columns of the board, in this sequence."""

    TODO = "todo", _("Waiting to begin")
    DOING = "doing", _("In progress")
    DONE = "done", _("Completed")
    CANCELLED = "cancelled", _("Cancelled task")

    @property
    def is_closed(self) -> bool:
        return self in {TaskStatus.DONE, TaskStatus.CANCELLED}


class Task(Row, Tenant, Authored, SoftDelete, Versioned, Searchable, Undoable, BoardCard, Scheduled, Model):
    __tablename__ = "tasks"
    __table_args__ = (
        trigram("ix_tasks_search_key", "search_key"),
        # The list, newest first.
        live_index("ix_tasks_live", "organization_id", "id"),
        live_index("ix_tasks_live_owner", "owner_id", "id", include=_OF),
        # The columns of the board, each in its sequence.
        live_index("ix_tasks_live_board", "organization_id", "status", "position", "id"),
        live_index("ix_tasks_live_owner_board", "owner_id", "status", "position", "id", include=_OF),
        # What is due, in the list and in the top bar.
        live_index("ix_tasks_live_due_on", "organization_id", "due_on", "id"),
        live_index("ix_tasks_live_owner_due_on", "owner_id", "due_on", "id", include=_OF),
        live_index("ix_tasks_open_owner_due_on", "owner_id", "due_on", "id", only=_IS_OPEN, include=_OF),
        # The timelines of a follow-up and of a customer.
        set_index("ix_tasks_follow_up", "follow_up_id", "created_at", "id"),
        set_index("ix_tasks_customer", "customer_id", "created_at", "id"),
        # What the schedule takes, of all organisations: tasks to repeat, and reminders.
        live_index("ix_tasks_next_on", "next_on", "id", only=_REPEATS),
        live_index("ix_tasks_remind_at", "remind_at", "id", only=_REMINDS),
        # A task has one successor, also where two workers make it at once.
        Index(
            "uq_tasks_previous", "previous_id", unique=True, postgresql_where=_FOLLOWS, sqlite_where=_FOLLOWS
        ),
        # The rows of an act, for its undo.
        set_index("ix_tasks_acted", "acted_by_id", "acted_at", "id"),
    )
    __owner__ = "owner_id"
    __lane__ = "status"
    __goes_with__ = ("follow_up", "customer")
    __search__ = ("title", "description")

    # Not indexed alone: the indexes above begin with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    title: Mapped[str] = field(_("Title"), String(160), folded=True)
    description: Mapped[str | None] = field(_("Description"), Text)
    due_on: Mapped[date | None] = field(_("Date"), Date)
    # The time of the day in Tehran; None for a task of the whole day.
    due_time: Mapped[time | None] = field(_("Time"), Time)
    # The moment from which the task is late: its time, or the end of its day. Computed.
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[TaskStatus] = field(_("Status"), choice(TaskStatus), default=TaskStatus.TODO)
    owner_id: Mapped[int] = field(_("Owner"), ForeignKey("ab_user.id"))
    follow_up_id: Mapped[int | None] = field(_("Follow-up"), ForeignKey("follow_ups.id"))
    # That of the follow-up, or of a task that begins at a customer; copied, so that the timeline of a customer reads one range of an index.
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    done_at: Mapped[datetime | None] = field(_("Done at"), UtcDateTime)

    owner: Mapped[Member] = relationship(foreign_keys="Task.owner_id", info={"label": _("Owner")})
    follow_up: Mapped[FollowUp | None] = relationship(info={"label": _("Follow-up")})
    customer: Mapped[Customer | None] = relationship(info={"label": _("Customer")})

    @classmethod
    def not_closed(cls) -> ColumnElement[bool]:
        """The condition for open tasks, in literals, because PostgreSQL matches partial indexes only against those."""
        states = [TaskStatus.TODO, TaskStatus.DOING]
        return cls.status.in_([literal_column(f"'{state.value}'", String) for state in states])

    @property
    @reads("status")
    def is_done(self) -> bool:
        return self.status is TaskStatus.DONE

    @property
    @reads("status", "due_at")
    def is_late(self) -> bool:
        return not self.status.is_closed and self.due_at is not None and self.due_at <= now()

    @reads("title")
    def __str__(self) -> str:
        return self.title


def late_from(day: date | None, clock: time | None) -> datetime | None:
    """The moment from which a task of *day* is late: the time of *clock* in Tehran, or the end of the day."""
    if day is None:
        return None
    return instant(day, clock) if clock is not None else start_of_day(day + timedelta(days=1))


@event.listens_for(Task, "before_insert")
@event.listens_for(Task, "before_update")
def _compute(_mapper: Mapper[Any], connection: Connection, task: Task) -> None:
    """Compute the columns that follow from others."""
    plan(task)
    task.due_at = late_from(task.due_on, task.due_time)
    follow_up: Any = inspect(task).attrs.follow_up_id.history
    if task.follow_up_id is not None and follow_up.has_changes():
        of = FollowUp.__table__.c
        # A merge locks the follow-ups of its customers: the lock waits for it, and reads whose they are then.
        whose = select(of.customer_id).where(of.id == task.follow_up_id)
        task.customer_id = connection.scalar(whose.with_for_update(read=True, key_share=True))
    elif any(follow_up.deleted):
        task.customer_id = None
    if task.status is TaskStatus.DONE:
        task.done_at = task.done_at or now()
    else:
        task.done_at = None
