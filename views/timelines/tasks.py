"""Tasks on the timelines of customers, orders and follow-ups."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from app.panel.formatting import spoken_time
from app.panel.timeline import Event, Record, Source
from models.customer import Customer
from models.follow_up import FollowUp
from models.order import Order
from models.task import Task, TaskStatus

COLOURS = {
    TaskStatus.TODO: "gray",
    TaskStatus.DOING: "blue",
    TaskStatus.DONE: "green",
    TaskStatus.CANCELLED: "red",
}


def _event(row: Any) -> Event:
    return Event(
        icon="checkbox",
        title=row.title,
        url=f"/tasks/show/{row.id}",
        chip=str(row.status),
        colour=COLOURS[row.status],
        about=spoken_time(row.due_on).words if row.due_on else "",
        text=row.description or "",
        by=str(row.owner),
    )


def _of_order(order: Record) -> ColumnElement[bool]:
    # An order has one follow-up that is not deleted.
    found = select(FollowUp.id).where(FollowUp.order_id == order["id"], FollowUp.deleted_at.is_(None))
    return Task.follow_up_id == found.limit(1).scalar_subquery()


TASKS = Source(
    section="tasks",
    model=Task,
    at="created_at",
    of={
        Customer: lambda customer: Task.customer_id == customer["id"],
        Order: _of_order,
        FollowUp: lambda follow_up: Task.follow_up_id == follow_up["id"],
    },
    event=_event,
    reads=("title", "status", "due_on", "description", "owner"),
)
