"""The schedule of saved reports: takes the runs that are due, and sends their mails."""

from __future__ import annotations

from datetime import datetime

from celery.exceptions import SoftTimeLimitExceeded
from flask import current_app

from app.extensions import db
from app.gateways.mailer import MailMessage, mailer
from app.panel.impersonation import run_as_member, section_of
from app.panel.report.mail import UnreadableReport, mail_of
from app.panel.report.report import Report
from app.services.mail.queue import MOST_ATTEMPTS
from app.services.saved_report.delivery import claim, note_failure, note_left_out, note_sent, open_deliveries
from app.services.saved_report.people import may_send_to_others, viewers_among
from app.services.saved_report.run import due_runs, run, take_run
from app.services.sms.crash_points import crash_point
from app.tasks.base import apart, periodic
from models.schedule.saved_report import ReportDelivery, SavedReport
from models.tenancy.scope import Actor, acting_as

EVERY = 30.0


class RightLost(Exception):
    """The receiver or the owner may not see the report any more, or it is deleted."""


class GaveUp(Exception):
    """The worker was killed at each try."""


@periodic("report.send", EVERY, expires=EVERY, soft_time_limit=240, time_limit=300, ignore_result=True)
def send_reports() -> tuple[int, int]:
    """Take the runs that are due and send the mails that wait; returns how many of both.

    The rows say what is due, so the task can run at any moment, more than once at a time, and after any pause.
    """
    return _take_all(), _send_all()


def _take_all() -> int:
    taken, due = 0, due_runs()
    # Ends the reading transaction, which SQLite could not turn into a writing one.
    db.session.commit()
    for key, organization_id, at in due:
        act = f"report.run-{key}-{at.timestamp():.0f}"
        with acting_as(db.session(), Actor(organization_id, request_id=act)) as session, apart(act):
            taken += _take(key, at)
            session.commit()
    return taken


def _take(key: int, at: datetime) -> bool:
    """Take the run *at* of the saved report *key*; the caller commits."""
    report = take_run(key, at)
    if report is None:
        return False
    view = _report_of(report)
    run(report, at, view and view.class_permission_name)
    return True


def _send_all() -> int:
    sent, waiting = 0, open_deliveries()
    db.session.commit()
    for key, organization_id in waiting:
        with acting_as(db.session(), Actor(organization_id, request_id=f"report.mail-{key}")) as session:
            delivery = claim(key)
            # From here on the mail is this worker's, until its lease ends.
            session.commit()
            if delivery is not None and delivery.lease_until is not None:
                sent += _send(delivery, delivery.lease_until)
            session.commit()
    return sent


def _send(delivery: ReportDelivery, until: datetime) -> bool:
    """Send the mail and note the result; the caller commits."""
    key, attempts = delivery.id, delivery.attempts
    try:
        message = _message_of(delivery)
        # The transaction ends before the mail server is called.
        db.session.commit()
        mailer().send(message)
    except SoftTimeLimitExceeded:
        # The lease ends by itself, and the mail is sent again with the same Message-ID.
        raise
    except Exception as error:  # noqa: BLE001 - whatever a report raises, the mails of the others are sent
        db.session.rollback()
        _note_error(key, attempts, until, error)
        return False
    crash_point("report_sent")
    return note_sent(key, until, has_file=bool(message.files))


def _note_error(key: int, attempts: int, until: datetime, error: Exception) -> None:
    if isinstance(error, RightLost):
        note_left_out(key, until)
        return
    current_app.logger.warning("The mail %s of a report was not sent, try %s", key, attempts, exc_info=error)
    note_failure(key, until, is_final=isinstance(error, (UnreadableReport, GaveUp)))


def _message_of(delivery: ReportDelivery) -> MailMessage:
    """The mail with the figures of the receiver; raises `RightLost` where they may not see them any more."""
    if delivery.attempts > MOST_ATTEMPTS:
        raise GaveUp
    saved = db.session.get(SavedReport, delivery.report_id)
    view = _report_of(saved) if saved is not None else None
    if saved is None or view is None:
        raise RightLost
    people = viewers_among([saved.member_id, delivery.member_id], view.class_permission_name)
    owner, receiver = people.get(saved.member_id), people.get(delivery.member_id)
    if owner is None or receiver is None or not (receiver is owner or may_send_to_others(owner)):
        raise RightLost
    to, key, due_at = receiver.email, f"report-{delivery.id}", delivery.due_at
    # The saved report is read before, because the receiver may not open a private one of its owner.
    with run_as_member(delivery.organization_id, receiver.id, f"report.mail-{delivery.id}"):
        return mail_of(view, saved, due_at, to=to, key=key)


def _report_of(saved: SavedReport) -> Report | None:
    view = section_of(saved.section)
    return view if isinstance(view, Report) else None
