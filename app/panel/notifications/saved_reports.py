"""Notifications about schedules: receivers who are left out, mails that failed, and schedules that stopped."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from app.panel.notifications.word import Notify
from app.panel.report.report import Report
from models.member import Member
from models.schedule.saved_report import SavedReport


def add_report_notices(view: Any) -> None:
    """Add the notifications about its saved reports to a report that is mounted."""
    if isinstance(view, Report):
        own = [each for each in type(view).notify if each.model is not SavedReport]
        type(view).notify = (*own, *notices_of(view.slug))


def notices_of(slug: str) -> tuple[Notify, ...]:
    """The notifications of the saved reports of the report called *slug*."""
    common: dict[str, Any] = {
        "model": SavedReport,
        "where": lambda: SavedReport.section == slug,
        "name": lambda row: row.notice,
        "opens": "",
        "is_problem": True,
    }
    return (
        Notify(
            on="left_out_at",
            to="member_id",
            text=_l("No longer receives the report: %(name)s"),
            many=_l("Receivers of %(num)s reports were left out"),
            icon="user-off",
            **common,
        ),
        Notify(
            on="failed_at",
            to="member_id",
            text=_l("The report could not be sent: %(name)s"),
            many=_l("%(num)s reports could not be sent"),
            icon="mail-off",
            **common,
        ),
        Notify(
            on="stopped_at",
            to=_managers,
            text=_l(
                "The sending of a report has stopped, because its owner may not see it any more: %(name)s"
            ),
            many=_l("The sending of %(num)s reports has stopped"),
            icon="player-pause",
            **common,
        ),
    )


def _managers() -> Select[int, int]:
    return (
        select(Member.id, SavedReport.id)
        .join(SavedReport, SavedReport.organization_id == Member.organization_id)
        .join(Member.roles)
        .where(Role.name == "Manager", Member.active.is_(True))
    )
