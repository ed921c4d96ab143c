"""What the members of the demo ask the support, and its answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from models.messages.thread import Urgency

OPERATOR = "operator"


class Said(NamedTuple):
    """A message: who wrote it, how many minutes before now, and its text."""

    by: str
    ago: int
    text: str


class Ticket(NamedTuple):
    subject: str
    urgency: Urgency
    said: Sequence[Said]
    is_closed: bool = False
    note: str = ""
    about: dict[str, str] | None = None


_HOUR, _DAY = 60, 24 * 60
TICKETS = (
    Ticket(
        "خروجی اکسل سفارشات",
        Urgency.LOW,
        (
            Said("consultant1", 9 * _DAY, "سلام. می‌شود ستون شهر هم در خروجی اکسل سفارشات بیاید؟"),
            Said(OPERATOR, 9 * _DAY - 3 * _HOUR, "سلام. در نسخهٔ این هفته اضافه می‌شود."),
            Said(OPERATOR, 4 * _DAY, "ستون شهر اضافه شد. از تنظیمات جدول آن را انتخاب کنید."),
        ),
        is_closed=True,
        about={"page": "/orders/", "browser": "Firefox"},
    ),
    Ticket(
        "خط پیامک وصل نمی‌شود",
        Urgency.HIGH,
        (
            Said("manager", 5 * _HOUR, "از صبح پیامک‌ها در صف مانده و فرستاده نمی‌شود."),
            Said(OPERATOR, 4 * _HOUR, "بررسی کردیم؛ مشکل از سرویس‌دهنده است و پیگیری می‌کنیم."),
            Said("manager", 2 * _HOUR, "ممنون. لطفاً وقتی درست شد همین‌جا خبر بدهید."),
        ),
        note="با سرویس‌دهنده تماس گرفته شد؛ تا ساعت ۱۸ قول داده‌اند.",
        about={"page": "/sent-sms/", "request": "5f0c2b9e41"},
    ),
    Ticket(
        "ورود با گوشی جدید",
        Urgency.NORMAL,
        (Said("consultant2", 35, "گوشی‌ام عوض شده و کد ورود دومرحله‌ای را ندارم. چه کار کنم؟"),),
    ),
)
