"""Names of months and words around dates, as exports write them."""

from __future__ import annotations

import re

from app.lib.persian import fold

_JALALI = (
    "فروردین farvardin",
    "اردیبهشت ordibehesht",
    "خرداد khordad",
    "تیر tir",
    "مرداد امرداد mordad",
    "شهریور shahrivar",
    "مهر mehr",
    "آبان aban",
    "آذر azar",
    "دی dey",
    "بهمن bahman",
    "اسفند esfand",
)
_GREGORIAN = (
    "ژانویه january jan",
    "فوریه february feb",
    "مارس march mar",
    "آوریل april apr",
    "مه می may",
    "ژوئن june jun",
    "ژوئیه جولای july jul",
    "اوت آگوست august aug",
    "سپتامبر september sep sept",
    "اکتبر october oct",
    "نوامبر november nov",
    "دسامبر december dec",
)


def _numbers(names: tuple[str, ...]) -> dict[str, int]:
    return {fold(name): number for number, line in enumerate(names, 1) for name in line.split()}


JALALI_MONTHS, GREGORIAN_MONTHS = _numbers(_JALALI), _numbers(_GREGORIAN)
# Words beside a date that say nothing more: days of the week, «ساعت», «مورخ», ordinal endings.
NOISE = re.compile(
    r"(?:یک|دو|سه|چهار|پنج)?\s*شنبه|جمعه|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b"
    r"|(?<=[0-9])t(?=\s|$)|(?<=[0-9])(?:st|nd|rd|th|م|ام|ئم)\b|\b(?:at|on|of|t|روز|مورخ|مورخه|تاریخ|ساعت|ماه|سال|در|و|ه\.?ش|شمسی|میلادی)\b"
)
