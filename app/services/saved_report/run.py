"""The runs of schedules: which are due, and how one is taken once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, select, update

from app.extensions import db
from app.lib.clock import now
from app.services.audit.record import note
from app.services.saved_report.people import may_send_to_others, names_of, viewers_among
from app.services.sms.crash_points import crash_point
from models.organization import Organization, OrganizationStatus
from models.schedule.saved_report import ReportDelivery, SavedReport

# A row of (key of the saved report, key of its organisation, moment of the run).
Due = tuple[int, int, datetime]
_MOST = 500
# Runs that were missed are made up for one by one, but not those between the first one and this long ago.
_LATEST = timedelta(days=7)
_HISTORY = timedelta(days=90)
_LONGEST_NOTICE = 120


def due_runs() -> Sequence[Due]:
    """The runs of all organisations whose moment has come, the oldest first."""
    statement = (
        select(SavedReport.id, SavedReport.organization_id, SavedReport.next_at)
        .join(Organization, Organization.id == SavedReport.organization_id)
        .where(SavedReport.next_at <= now(), SavedReport.deleted_at.is_(None))
        .where(Organization.status == OrganizationStatus.ACTIVE)
        .order_by(SavedReport.next_at, SavedReport.id)
        .limit(_MOST)
    )
    # Keys alone; each run is then taken within its organisation.
    found = db.session.execute(statement, execution_options={"unscoped": True})
    return [(key, organization_id, at) for key, organization_id, at in found]


def take_run(key: int, at: datetime) -> SavedReport | None:
    """Mark the run *at* of the saved report *key* as taken; None where another worker did, or where it is deleted.

    The transaction is the lease: the mark, the mails and the notifications are stored together, and a worker that is
    killed before its commit leaves the run to the next one.
    """
    statement = (
        update(SavedReport)
        .where(SavedReport.id == key, SavedReport.next_at == at, SavedReport.deleted_at.is_(None))
        .values(next_at=None, updated_at=SavedReport.updated_at)
    )
    taken: CursorResult[Any] = db.session.execute(statement, execution_options={"synchronize_session": False})
    if not taken.rowcount:
        return None
    crash_point("report_taken")
    report = db.session.get_one(SavedReport, key)
    db.session.refresh(report)
    return report


def run(report: SavedReport, at: datetime, view_name: str | None) -> int:
    """Queue the mails of the run *at*, which is taken, and set the next one; returns how many mails.

    *view_name* has the rights of the report; it is None for a report that exists no more.
    """
    allowed = viewers_among([report.member_id, *report.receivers], view_name) if view_name else {}
    owner = allowed.get(report.member_id)
    if owner is None:
        stop(report)
        return 0
    report.next_at = report.next_after(max(at, now() - _LATEST))
    # An owner who may not share any more sends the report to themselves alone.
    reached = [
        key
        # Each once: a second mail of the run to a receiver would break its unique index.
        for key in dict.fromkeys(report.receivers)
        if key in allowed and (key == owner.id or may_send_to_others(owner))
    ]
    _leave_out(report, [key for key in report.receivers if key not in reached])
    db.session.add_all(
        ReportDelivery(report_id=report.id, member_id=key, due_at=at, next_try_at=now()) for key in reached
    )
    old = ReportDelivery.report_id == report.id, ReportDelivery.due_at < at - _HISTORY
    db.session.execute(delete(ReportDelivery).where(*old), execution_options={"synchronize_session": False})
    db.session.flush()
    return len(reached)


def stop(report: SavedReport) -> None:
    """End the schedule of a report whose owner may not see it any more; managers are notified."""
    report.next_at, report.stopped_at = None, now()
    report.notice = notice_of(report, names_of([report.member_id]))
    db.session.flush()
    # The trail leaves out what programs change, unless they say so.
    note("edit", SavedReport, report.id, after={"next_at": None}, row=report)


def _leave_out(report: SavedReport, missing: Sequence[int]) -> None:
    """Notify the owner of the receivers who are left out, once for each."""
    if fresh := [key for key in missing if key not in report.left_out]:
        report.left_out_at = now()
        report.notice = notice_of(report, names_of(fresh))
    # Those who may see the report again are named again when they lose the right a second time.
    report.left_out = list(missing)


def leave_out_one(report: SavedReport, member_id: int) -> None:
    """Leave a receiver out of whom a mail was queued already."""
    _leave_out(report, [*report.left_out, *({member_id} - set(report.left_out))])


def notice_of(report: SavedReport, names: str) -> str:
    """The name of a notification: the members, and the report in quotation marks."""
    title = f"«{report.name}»"
    return f"{names[: _LONGEST_NOTICE - len(title) - 2]}، {title}" if names else title
