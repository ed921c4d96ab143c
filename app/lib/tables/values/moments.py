"""Dates and times in files, in either calendar and any sequence, as moments."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from app.lib.jalali import DateReason, JalaliError, gregorian_day, instant
from app.lib.persian import fold, latin_digits, persian_letters
from app.lib.tables.values.month_names import GREGORIAN_MONTHS, JALALI_MONTHS, NOISE
from app.lib.tables.values.styles import DateStyle

_CACHED = 8_192
_LONGEST = 60
_UNSEEN = re.compile(r"[\u061c\u064b-\u0652\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_AFTERNOON = ("pm", "p.m.", "ب.ظ", "ب.ظ.", "بظ", "بعدازظهر", "بعد از ظهر", "عصر")
_MORNING = ("am", "a.m.", "ق.ظ", "ق.ظ.", "قظ", "قبل از ظهر", "صبح", "بامداد")
_HALVES = "|".join(re.escape(word) for word in sorted((*_AFTERNOON, *_MORNING), key=len, reverse=True))
_TIME = re.compile(
    r"(?<![0-9:])([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:[.,][0-9]+)?)?(?![0-9:])"
    rf"(?:\s*({_HALVES})(?![^\W\d_]))?"
    # «GMT+3:30», and the name of the zone that browsers write behind it.
    r"(?:\s?((?:utc|gmt)[+-][0-9]{1,2}(?::?[0-9]{2})?|z|utc|gmt|[+-][0-9]{2}:?[0-9]{2})(?![0-9/.\-])(?:\s?\([^()]*\))?)?"
)
_OFFSET = re.compile(r"(?:utc|gmt)?([+-])([0-9]{1,2})(?::?([0-9]{2}))?")
_FARTHEST = timedelta(hours=14)
_PARTS = re.compile(r"[0-9]+|[^\W\d_]+")
_BETWEEN = re.compile(r"[\s/.\-,،:|]*")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_YEAR_LENGTH = 4
# A year of two digits is one of these hundred years.
_JALALI_PIVOT, _GREGORIAN_PIVOT = 1330, 1950
_NOON = 12


class AmbiguousDate(JalaliError):
    """A date that has several readings; `styles` are those under which there is such a day."""

    def __init__(self, styles: tuple[DateStyle, ...]) -> None:
        super().__init__(DateReason.FORMAT)
        self.styles = styles


@lru_cache(maxsize=_CACHED)
def parse_moment(text: str, style: DateStyle | None = None, *, is_utc: bool = False) -> datetime:
    """The UTC instant of *text*; without an offset, its time is that of Tehran, or UTC. Raises `JalaliError`.

    A year of 1900–2100 is Gregorian (spec 4.3). *style* reads what has several readings, which otherwise
    raises `AmbiguousDate`.
    """
    plain = _UNSEEN.sub("", latin_digits(persian_letters(text))).lower().replace("\u00a0", " ").strip()
    if not plain or len(plain) > _LONGEST:
        raise JalaliError(DateReason.FORMAT if plain else DateReason.EMPTY)
    clock = _TIME.search(plain)
    rest = f"{plain[: clock.start()]} {plain[clock.end() :]}" if clock else plain
    day = _day(NOISE.sub(" ", rest), style)
    if clock is None:
        return instant(day, time())
    hour, minute, second = _hour(clock), int(clock[2]), int(clock[3] or 0)
    if clock[5] is None and not is_utc:
        return instant(day, time(hour, minute, second))
    return datetime.combine(day, time(hour, minute, second), UTC) - _offset(clock[5] or "")


def _hour(clock: re.Match[str]) -> int:
    hour = int(clock[1])
    if clock[4] in _AFTERNOON and hour < _NOON:
        return hour + _NOON
    return 0 if clock[4] in _MORNING and hour == _NOON else hour


def _offset(text: str) -> timedelta:
    match = _OFFSET.fullmatch(text)
    if match is None:
        return timedelta()
    distance = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if distance > _FARTHEST:
        raise JalaliError(DateReason.FORMAT)
    return -distance if match[1] == "-" else distance


def _day(text: str, style: DateStyle | None) -> date:
    compact = _COMPACT.fullmatch(text.strip())
    parts = list(compact.groups()) if compact else _PARTS.findall(text)
    if len(parts) != 3 or _BETWEEN.fullmatch(_PARTS.sub("", text)) is None:
        raise JalaliError(DateReason.FORMAT)
    words = [part for part in parts if not part.isdigit()]
    if words:
        return _named_day(parts, words)
    if any(len(part) > _YEAR_LENGTH for part in parts):
        raise JalaliError(DateReason.FORMAT)
    numbers = [int(part) for part in parts]
    years = [place for place, part in enumerate(parts) if len(part) > 2]
    if years == [0]:
        return _calendar_day(*numbers)
    if years == [2]:
        return _day_with_year_last(numbers, style)
    if years:
        raise JalaliError(DateReason.FORMAT)
    return _one_of(numbers, tuple(DateStyle), style)


def _named_day(parts: list[str], words: list[str]) -> date:
    """The day of a date whose month is a word; its year has four digits."""
    name = fold(words[0]).removesuffix("ماه")
    numbers = sorted((part for part in parts if part.isdigit()), key=len)
    if len(words) > 1 or len(numbers[-1]) != _YEAR_LENGTH:
        raise JalaliError(DateReason.FORMAT)
    year, day = int(numbers[-1]), int(numbers[0])
    if name in JALALI_MONTHS:
        return gregorian_day(year, JALALI_MONTHS[name], day)
    if name not in GREGORIAN_MONTHS:
        raise JalaliError(DateReason.FORMAT)
    return _gregorian(year, GREGORIAN_MONTHS[name], day)


def _day_with_year_last(numbers: list[int], style: DateStyle | None) -> date:
    first, second, year = numbers
    if not 1900 <= year <= 2100:
        return gregorian_day(year, second, first)
    return _one_of([first, second, year], (DateStyle.GREGORIAN_DMY, DateStyle.GREGORIAN_MDY), style)


def _one_of(numbers: list[int], styles: tuple[DateStyle, ...], style: DateStyle | None) -> date:
    """The day under the only style that fits, or under *style* where several fit."""
    found: dict[DateStyle, date] = {}
    for each in styles:
        try:
            found[each] = _styled_day(numbers, each)
        except JalaliError:
            continue
    if not found:
        raise JalaliError(DateReason.NO_SUCH_DAY)
    if style in found:
        return found[style]
    is_short = len(styles) == len(DateStyle)
    if is_short or len(set(found.values())) > 1:
        raise AmbiguousDate(tuple(found))
    return next(iter(found.values()))


def _styled_day(numbers: list[int], style: DateStyle) -> date:
    named = dict(zip(style.places, numbers, strict=True))
    year = named["y"]
    if year < 100:
        first = _JALALI_PIVOT if style.is_jalali else _GREGORIAN_PIVOT
        year = first + (year - first) % 100
    if style.is_jalali:
        return gregorian_day(year, named["m"], named["d"])
    return _gregorian(year, named["m"], named["d"])


def _calendar_day(year: int, month: int, day: int) -> date:
    return _gregorian(year, month, day) if 1900 <= year <= 2100 else gregorian_day(year, month, day)


def _gregorian(year: int, month: int, day: int) -> date:
    if not 1900 <= year <= 2100:
        raise JalaliError(DateReason.YEAR_RANGE, year)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise JalaliError(DateReason.NO_SUCH_DAY) from error
