"""The mails of runs: which are to be sent, the lease of the worker that sends one, and what follows from the result."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, or_, select, update

from app.extensions import db
from app.lib.clock import now
from app.services.audit.record import note
from app.services.job.lease import database_now
from app.services.mail.queue import MOST_ATTEMPTS, pause_after
from app.services.saved_report.people import names_of
from app.services.saved_report.run import leave_out_one, notice_of
from models.organization import Organization, OrganizationStatus
from models.schedule.saved_report import DeliveryStatus, ReportDelivery, SavedReport

# Longer than the task may run, so that a worker that lives has its lease.
LEASE = timedelta(minutes=10)
# A row of (key of the mail, key of its organisation).
Open = tuple[int, int]


def open_deliveries(most: int = 200) -> Sequence[Open]:
    """The mails of all organisations that are to be sent now."""
    statement = (
        select(ReportDelivery.id, ReportDelivery.organization_id)
        .join(Organization, Organization.id == ReportDelivery.organization_id)
        .where(_is_free(), Organization.status == OrganizationStatus.ACTIVE)
        .order_by(ReportDelivery.next_try_at, ReportDelivery.id)
        .limit(most)
    )
    # Keys alone; each mail is then sent within its organisation.
    found = db.session.execute(statement, execution_options={"unscoped": True})
    return [(key, organization_id) for key, organization_id in found]


def claim(key: int) -> ReportDelivery | None:
    """Take the mail *key*; None where another worker has it or it has ended. The caller commits before it sends."""
    until = database_now() + LEASE
    values = {
        "status": DeliveryStatus.SENDING,
        "lease_until": until,
        "attempts": ReportDelivery.attempts + 1,
    }
    if not _update(ReportDelivery.id == key, _is_free(), **values):
        return None
    delivery = db.session.get_one(ReportDelivery, key)
    db.session.refresh(delivery)
    return delivery


def note_sent(key: int, until: datetime, *, has_file: bool = False) -> bool:
    """Note that the mail server has taken the mail; *until* is the worker's lease, False where it was lost."""
    is_ours = _end(key, until, DeliveryStatus.SENT, sent_at=now())
    if is_ours and has_file:
        # A table that leaves the panel as a file is an event, as with other exports.
        delivery = db.session.get_one(ReportDelivery, key)
        note(
            "export",
            SavedReport,
            delivery.report_id,
            after={"receivers": names_of([delivery.member_id])},
        )
    return is_ours


def note_left_out(key: int, until: datetime) -> None:
    """Note that the receiver has lost the right since the mail was queued; the owner is notified."""
    if _end(key, until, DeliveryStatus.LEFT_OUT):
        delivery = db.session.get_one(ReportDelivery, key)
        report = db.session.get(SavedReport, delivery.report_id)
        if report is not None:
            leave_out_one(report, delivery.member_id)


def note_failure(key: int, until: datetime, *, is_final: bool = False) -> None:
    """Try again after a pause; after `MOST_ATTEMPTS`, or a final failure, the owner is notified."""
    delivery = db.session.get_one(ReportDelivery, key)
    attempts = delivery.attempts
    if not is_final and attempts < MOST_ATTEMPTS:
        _end(key, until, DeliveryStatus.QUEUED, next_try_at=now() + pause_after(attempts))
    elif _end(key, until, DeliveryStatus.FAILED):
        report = db.session.get(SavedReport, delivery.report_id)
        if report is not None:
            report.failed_at, report.notice = now(), notice_of(report, names_of([delivery.member_id]))


def _is_free() -> ColumnElement[bool]:
    queued = and_(ReportDelivery.status == DeliveryStatus.QUEUED, ReportDelivery.next_try_at <= now())
    abandoned = and_(
        ReportDelivery.status == DeliveryStatus.SENDING, ReportDelivery.lease_until < database_now()
    )
    return or_(queued, abandoned)


def _end(key: int, until: datetime, status: DeliveryStatus, **values: Any) -> bool:
    is_ours = ReportDelivery.status == DeliveryStatus.SENDING, ReportDelivery.lease_until == until
    return _update(ReportDelivery.id == key, *is_ours, status=status, lease_until=None, **values)


def _update(*conditions: ColumnElement[bool], **values: Any) -> bool:
    statement = update(ReportDelivery).where(*conditions).values(**values)
    done: CursorResult[Any] = db.session.execute(statement, execution_options={"synchronize_session": False})
    return bool(done.rowcount)
