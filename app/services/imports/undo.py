"""Undo of an import: deletes its orders and customers, except those that were worked on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import aliased

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.services.audit.record import record
from app.services.order.originals import decide_originals
from models.assignment import Assignment
from models.customer import Customer
from models.follow_up import FollowUp, FollowUpEntry
from models.job import ImportJob, ImportStatus
from models.order import Order, OrderStatus
from models.sms.message import SmsMessage
from models.task import Task
from models.tenancy.scope import actor_of, whole_organization

_UNTOUCHED = (OrderStatus.NEW, OrderStatus.HELD, OrderStatus.ASSIGNED, OrderStatus.ATTACHED)


class NothingToUndo(DomainError):
    """The import was undone before."""


@dataclass(frozen=True)
class Undone:
    orders: int
    customers: int
    left: int


def undo_import(job: ImportJob) -> Undone:
    """Stop *job* if it runs, and delete its untouched orders and the customers that it created."""
    session = db.session()
    with whole_organization(session):
        stopped = _update(
            ImportJob,
            and_(ImportJob.id == job.id, ImportJob.status != ImportStatus.UNDONE),
            status=ImportStatus.UNDONE,
            lease_until=None,
            finished_at=now(),
        )
        session.refresh(job)
        if not stopped:
            raise NothingToUndo(_("This import was taken back already."))
        deleted = {
            "deleted_at": now(),
            "deleted_by_id": actor_of(session).member_id,
            "delete_batch": uuid4(),
        }
        _delete_follow_ups(job, deleted)
        orders = _update(Order, and_(_of(job), ~_has_follow_up()), **deleted)
        customers = _update(Customer, _made_by(job), **deleted)
        decide_originals(orders, False)
        undone = Undone(len(orders), len(customers), left=job.accepted - len(orders))
        counts = {"orders": undone.orders, "customers": undone.customers, "kept": undone.left}
        record("undo import", job, after=counts)
        session.flush()
        session.expire_all()
    return undone


def _update(model: Any, condition: ColumnElement[bool], **values: Any) -> Sequence[int]:
    """Update the rows that meet *condition*; returns their ids."""
    # Deleted rows must be visible, because the condition for customers looks at deleted orders.
    statement = update(model).where(condition).values(**values).returning(model.id)
    options = {"synchronize_session": False, "with_deleted": True}
    return db.session.scalars(statement, execution_options=options).all()


def _of(job: ImportJob) -> ColumnElement[bool]:
    return and_(Order.import_job_id == job.id, Order.status.in_(_UNTOUCHED), Order.deleted_at.is_(None))


def _delete_follow_ups(job: ImportJob, deleted: dict[str, Any]) -> None:
    untouched = and_(
        FollowUp.deleted_at.is_(None),
        FollowUp.order_id.in_(select(Order.id).where(_of(job))),
        ~exists(select(FollowUpEntry.id).where(FollowUpEntry.follow_up_id == FollowUp.id)),
        ~_is_written_about(Task.follow_up_id == FollowUp.id, SmsMessage.follow_up_id == FollowUp.id),
    )
    freed = select(FollowUp.order_id).where(untouched)
    _update(Assignment, and_(Assignment.order_id.in_(freed), Assignment.ended_at.is_(None)), ended_at=now())
    _update(FollowUp, untouched, **deleted)


def _is_written_about(has_task: ColumnElement[bool], has_message: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there is a task or an SMS of the row that the conditions name."""
    return or_(
        exists(select(Task.id).where(has_task, Task.deleted_at.is_(None))),
        exists(select(SmsMessage.id).where(has_message)),
    )


def _has_follow_up() -> ColumnElement[bool]:
    return exists(
        select(FollowUp.id).where(FollowUp.order_id == Order.id, FollowUp.deleted_at.is_(None))
    ).correlate(Order)


def _made_by(job: ImportJob) -> ColumnElement[bool]:
    """The condition for customers that the import added, that nobody has changed, and that have no orders left."""
    order, other, filler = aliased(Order), aliased(Order), aliased(Order)
    # Orders and the customers who were added with them have the same moment; others may have got the orders by a merge.
    its_own = exists(
        select(order.id).where(
            order.customer_id == Customer.id,
            order.import_job_id == job.id,
            order.created_at == Customer.created_at,
        )
    )
    another = exists(select(other.id).where(other.customer_id == Customer.id, other.deleted_at.is_(None)))
    # An import fills in what is missing, and that moment is the one of its orders too.
    only_filled_in = exists(
        select(filler.id).where(
            filler.customer_id == Customer.id,
            filler.import_job_id.is_not(None),
            filler.created_at == Customer.updated_at,
        )
    )
    return and_(
        Customer.deleted_at.is_(None),
        its_own,
        ~another,
        or_(Customer.row_version == 1, only_filled_in),
        ~_is_written_about(Task.customer_id == Customer.id, SmsMessage.customer_id == Customer.id),
    )
