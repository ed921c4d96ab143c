"""Organisations: the tenants of the panel."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, Integer, String, Time
from sqlalchemy.orm import Mapped

from app.lib.money import Currency
from models.base import Row, Timestamps, Versioned, field, reads
from models.types import Choice, choice


class OrganizationStatus(Choice):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    DELETED = "deleted", _("Deleted")


class RepeatPolicy(Choice):
    """What happens to an order that repeats an earlier one."""

    HOLD = "hold", _("Hold for a manager's decision")
    ATTACH = "attach", _("Attach to the open follow-up")
    STICKY = "sticky", _("Back to the same consultant")


class CurrencyChoice(Choice):
    RIAL = Currency.RIAL.value, _("Rial")
    TOMAN = Currency.TOMAN.value, _("Toman")


class Weekday(Choice):
    """The days of the week, in the order of the Iranian calendar."""

    SATURDAY = "saturday", _("Saturday")
    SUNDAY = "sunday", _("Sunday")
    MONDAY = "monday", _("Monday")
    TUESDAY = "tuesday", _("Tuesday")
    WEDNESDAY = "wednesday", _("Wednesday")
    THURSDAY = "thursday", _("Thursday")
    FRIDAY = "friday", _("Friday")

    @classmethod
    def of(cls, day: date) -> Weekday:
        # Python counts from Monday, which is the third day here.
        return list(cls)[(day.weekday() + 2) % 7]


MOST_REPEAT_DAYS = 3650
WORKING_DAYS = tuple(each.value for each in Weekday if each is not Weekday.FRIDAY)


class Organization(Row, Timestamps, Versioned, Model):
    __tablename__ = "organizations"

    name: Mapped[str] = field(_("Name"), String(120))
    slug: Mapped[str] = field(_("Short name"), String(60), unique=True)
    status: Mapped[OrganizationStatus] = field(
        _("Status"), choice(OrganizationStatus), default=OrganizationStatus.ACTIVE
    )
    currency: Mapped[CurrencyChoice] = field(
        _("Currency"), choice(CurrencyChoice), default=CurrencyChoice.TOMAN
    )
    repeat_policy: Mapped[RepeatPolicy] = field(
        _("Repeated orders"), choice(RepeatPolicy), default=RepeatPolicy.HOLD
    )
    repeat_window_days: Mapped[int] = field(_("Repeat window (days)"), Integer, default=30)
    # Off: an order after a purchase of the same product is a repeat too.
    sale_ends_repeat: Mapped[bool] = field(
        _("An order after a purchase is no repeat"), default=True, server_default="1"
    )
    # The title of each holiday by its ISO date.
    holidays: Mapped[dict[str, Any]] = field(_("Holidays"), JSON, default=dict)
    # The values of `Weekday`.
    working_days: Mapped[list[Any]] = field(_("Working days"), JSON, default=lambda: list(WORKING_DAYS))
    works_from: Mapped[time] = field(_("Work from"), Time, default=time(9), server_default="09:00:00")
    works_until: Mapped[time] = field(_("Work until"), Time, default=time(18), server_default="18:00:00")
    sends_on_free_days: Mapped[bool] = field(
        _("SMS on the free days of the week"), default=True, server_default="1"
    )
    sending_from: Mapped[time] = field(_("SMS sending from"), Time, default=time(8))
    sending_until: Mapped[time] = field(_("SMS sending until"), Time, default=time(21))
    sms_quota: Mapped[int | None] = field(_("SMS quota"), Integer)
    managers_need_totp: Mapped[bool] = field(
        _("Managers need a second step to log in"), default=False, server_default="0"
    )
    mask_mobiles: Mapped[bool] = field(_("Mask mobile numbers"), default=False)

    @reads("name")
    def __str__(self) -> str:
        return self.name
