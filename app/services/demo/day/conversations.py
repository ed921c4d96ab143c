"""What the members of the demo say to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

FILE = "رسید-واریز.pdf"


class Said(NamedTuple):
    """A message: who wrote it, how many minutes before the conversation's last one, and its text."""

    by: str
    before: int
    text: str


class Conversation(NamedTuple):
    """A conversation with its last message *ago* minutes before now; *unread* are messages by member."""

    members: Sequence[str]
    ago: int
    said: Sequence[Said]
    unread: Mapping[str, int]
    subject: str | None = None
    closed_by: str | None = None


DAY = 24 * 60
ALL = ("manager", "consultant1", "consultant2", "support")
# Oldest first, so that the keys of the messages grow with their time.
CONVERSATIONS = (
    Conversation(
        ("manager", "consultant2"),
        19 * DAY,
        (
            Said("manager", 30, "خوش آمدید. اگر در کار با سامانه پرسشی داشتید همین‌جا بنویسید."),
            Said("consultant2", 0, "سلام، ممنون. از امروز شروع کردم."),
        ),
        {},
    ),
    Conversation(
        ("support", "consultant1"),
        6 * DAY,
        (
            Said("consultant1", 95, "این مشتری دو بار ثبت شده؟ شمارهٔ دومش هم به من زنگ زد."),
            Said("support", 10, "بله، هر دو یک نفر هستند. ادغام کردم."),
            Said("consultant1", 0, "ممنون، دیدم."),
        ),
        {},
        closed_by="support",
    ),
    Conversation(
        ALL,
        DAY + 300,
        (
            Said("manager", 200, "قیمت بستهٔ کنکور از شنبه عوض می‌شود. تا پایان هفته با قیمت قبلی ثبت کنید."),
            Said("consultant1", 150, "برای پیش‌فاکتورهای باز هم قیمت قبلی می‌ماند؟"),
            Said("manager", 140, "بله، تا تاریخ اعتبارشان."),
            Said("consultant2", 0, "پس من امروز با همهٔ پیش‌فاکتورهای باز تماس می‌گیرم."),
        ),
        {"support": 2},
        subject="گروه فروش",
    ),
    Conversation(
        ("consultant1", "consultant2"),
        190,
        (
            Said("consultant2", 60, "شمارهٔ آقای کاظمی را داری؟ در پیگیری‌های من نیست."),
            Said("consultant1", 20, "با من است. می‌خواهی انتسابش را عوض کنیم؟"),
            Said("consultant2", 0, "نه، فقط می‌خواستم بدانم کسی با او تماس گرفته."),
        ),
        {"consultant1": 1},
    ),
    Conversation(
        ("support", "manager"),
        70,
        (
            Said(
                "support", 40, "سه مشتری امروز دربارهٔ ارسال کتاب‌ها پرسیدند. بسته‌ها هنوز تحویل پست نشده است."
            ),
            Said("support", 0, "اگر امروز ارسال می‌شود به آن‌ها خبر بدهم؟"),
        ),
        {"manager": 2},
    ),
    Conversation(
        ("manager", "consultant1"),
        25,
        (
            Said("manager", DAY + 260, "سلام. رسید واریز آقای پورحسین را پیدا نکردم. خودتان دارید؟"),
            Said("consultant1", DAY + 250, "بله، همین الان فرستادند."),
            Said("manager", DAY + 240, "خیلی خوب، تأیید کردم. ممنون."),
            Said(
                "consultant1",
                45,
                "سفارش فاطمه‌سادات حسینی‌نژاد را به من بدهید؟ خودشان خواستند با من ادامه بدهند.",
            ),
            Said("manager", 12, "انتساب دادم، از الان در پیگیری‌های شماست."),
            Said("manager", 0, "جلسهٔ فردا ساعت ۹ است؛ لیست عقب‌افتاده‌ها را بیاورید."),
        ),
        {"consultant1": 2},
    ),
    Conversation(
        ("manager", "consultant2"),
        8,
        (Said("manager", 0, "گزارش تماس‌های امروز را تا ساعت ۱۸ می‌بینم. موردی هست که باید بدانم؟"),),
        {"consultant2": 1},
        subject="گزارش امروز",
    ),
)
