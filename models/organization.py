"""Organisations: the tenants of the panel."""

from __future__ import annotations

from datetime import time
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
    holidays: Mapped[list[Any]] = field(_("Holidays"), JSON, default=list)
    working_hours: Mapped[dict[str, Any]] = field(_("Working hours"), JSON, default=dict)
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
