"""Tasks that begin at a follow-up or at a customer."""

from __future__ import annotations

from datetime import date

from app.extensions import db
from app.lib.persian import persian_digits
from app.services.order.customer import present_customer
from models.customer import Customer
from models.follow_up import FollowUp
from models.task import Task


def title_of(customer: Customer) -> str:
    """The mobile of the customer, without spaces, which right-to-left text would reorder."""
    return persian_digits("0" + customer.mobile.removeprefix("+98"))


def task_about(
    row: FollowUp | Customer, *, owner_id: int, title: str, due_on: date | None, description: str | None
) -> Task:
    """Add a task of the member *owner_id* about *row*; flushes."""
    about = (
        {"follow_up_id": row.id} if isinstance(row, FollowUp) else {"customer_id": present_customer(row.id)}
    )
    task = Task(owner_id=owner_id, title=title, due_on=due_on, description=description or None, **about)
    db.session.add(task)
    db.session.flush()
    return task
