"""Saved reports, their sending by schedule, and the mails of each run."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from flask_appbuilder import Model
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, Integer, SmallInteger, String, Text, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from app.lib.jalali import TEHRAN, instant
from app.lib.persian import persian_digits
from app.lib.recurrence import Period, Recurrence
from models.base import Authored, Row, SoftDelete, Tenant, field, live_unique, reads, set_index
from models.types import Choice, Key, UtcDateTime, WeekdayList, Weekdays, choice

# The day of the month that stands for the last one, whatever the length of the month.
LAST_DAY = 31
_DAY = timedelta(days=1)
_IS_OPEN = text("status IN ('queued', 'sending')")


class Sending(Choice):
    """How often a saved report is sent."""

    NEVER = "never", _("Not sent")
    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every week")
    MONTHLY = "monthly", _("Every month")


class SavedReport(Row, Tenant, Authored, SoftDelete, Model):
    """A named address of a report with, where it has one, the schedule of its mails."""

    __tablename__ = "saved_reports"
    __table_args__ = (
        live_unique("uq_saved_reports_name", "organization_id", "member_id", "section", "name"),
        set_index("ix_saved_reports_next_at", "next_at"),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    section: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = field(_("Name of the report"), String(80))
    query: Mapped[str] = field(_("Filters of the report"), Text, default="")
    is_shared: Mapped[bool] = field(_("For everybody in the organisation"), default=False)

    sending: Mapped[Sending] = field(
        _("Sending"), choice(Sending), default=Sending.NEVER, server_default=Sending.NEVER.value
    )
    weekdays: Mapped[WeekdayList | None] = field(_("Days of the week"), Weekdays)
    month_day: Mapped[int | None] = field(_("Day of the month"), SmallInteger)
    hour: Mapped[int | None] = field(_("Hour"), SmallInteger)
    # A value of `app.panel.report.reading.Range`, whose days are those of each run.
    span: Mapped[str] = field(_("Range of the mail"), String(20), default="", server_default="")
    # The keys of members; each run leaves out those who may not see the report any more.
    receivers: Mapped[list[Any]] = field(_("Receivers"), JSON, default=list, server_default="[]")
    # The receivers whose leaving out the owner knows of.
    left_out: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    # The moment of the next run; None without a schedule, and once it has stopped.
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # What the members concerned are notified of, and the name in these notifications.
    left_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    notice: Mapped[str] = mapped_column(String(120), default="", server_default="")

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return or_(cls.member_id == member_id, cls.is_shared.is_(True))

    @property
    @reads("sending", "weekdays", "month_day", "hour")
    def schedule(self) -> str:
        """The schedule in words: «هر هفته شنبه، ساعت ۸»; empty without one."""
        if self.sending is Sending.NEVER or self.hour is None:
            return ""
        days = str(self.sending)
        if self.sending is Sending.WEEKLY and self.weekdays:
            days = gettext("Every week on %(days)s", days=str(self.weekdays))
        elif self.sending is Sending.MONTHLY:
            is_last = self.month_day in {None, LAST_DAY}
            days = (
                gettext("On the last day of every month")
                if is_last
                else gettext("On day %(day)s of every month", day=self.month_day)
            )
        return persian_digits(gettext("%(days)s at %(hour)s o'clock", days=days, hour=self.hour))

    def next_after(self, moment: datetime) -> datetime | None:
        """The first moment of the schedule after *moment*; None without a schedule."""
        rule = self._rule()
        if rule is None or self.hour is None:
            return None
        day = moment.astimezone(TEHRAN).date() - _DAY
        while True:
            day = rule.next_after(day)
            at = instant(day, time(self.hour))
            if at > moment:
                return at

    def _rule(self) -> Recurrence | None:
        if self.sending is Sending.DAILY:
            return Recurrence(Period.DAY)
        if self.sending is Sending.WEEKLY and self.weekdays:
            return Recurrence(Period.WEEK, weekdays=self.weekdays.numbers)
        if self.sending is Sending.MONTHLY:
            return Recurrence(Period.MONTH, month_day=self.month_day or LAST_DAY)
        return None

    @reads("name")
    def __str__(self) -> str:
        return self.name


class DeliveryStatus(Choice):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    LEFT_OUT = "left_out", _("Left out")


class ReportDelivery(Row, Tenant, Model):
    """The mail of one run to one receiver."""

    __tablename__ = "report_deliveries"
    __table_args__ = (
        # However often a run is taken, a receiver has one mail of it.
        Index("uq_report_deliveries_run", "report_id", "due_at", "member_id", unique=True),
        Index(
            "ix_report_deliveries_open",
            "next_try_at",
            "id",
            postgresql_where=_IS_OPEN,
            sqlite_where=_IS_OPEN,
        ),
        Index("ix_report_deliveries_member_id", "member_id", "id"),
    )
    __owner__ = "member_id"

    # The saved report; without a foreign key, because rows are erased.
    report_id: Mapped[int] = mapped_column(Key)
    member_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    # The moment of the run, from whose day the range is computed.
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[DeliveryStatus] = mapped_column(choice(DeliveryStatus), default=DeliveryStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Until this time of the database's clock, a worker may be sending it; it is also the worker's token.
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
