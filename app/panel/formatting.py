"""Formatting of values: Persian digits, Jalali dates, money in the organisation's currency."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from flask_babel import gettext as _

from app.lib.clock import now
from app.lib.jalali import long_date, start_of_day
from app.lib.mobile import display_mobile
from app.lib.money import Currency, format_amount
from app.lib.persian import group_number, persian_digits
from app.lib.relative_time import clock, late_by, relative_day, tehran_day
from app.lib.time_of_day import format_time_of_day
from app.panel.actor import currency as actor_currency
from app.panel.columns import Column, Kind, kind_of_value
from app.panel.queries.counts import BADGE_CAP
from app.panel.view_models import Cell
from models.types import Choice, Code

NOTHING = "—"


def cell(column: Column, row: object, *, currency: Currency, colour: str | None = None) -> Cell:
    """The cell of *column* for *row*; with `colour` it is a chip."""
    shown = cell_writer(column, currency)(row)
    if shown.text == NOTHING:
        return shown
    if colour is not None:
        return Cell(column.path, "chip", str(column.value(row)), colour=colour)
    return shown


# One entry for each column in each of the two currencies.
@lru_cache(maxsize=2_000)
def cell_writer(column: Column, currency: Currency) -> Callable[[Any], Cell]:
    """A function from a row to its cell of *column*; the parts that are equal for all rows are computed once."""
    path, steps, labels = column.path, column.steps, column.words
    nothing = Cell(path, "text", NOTHING)
    kind = None if column.attribute is None else column.kind
    is_code = kind is Kind.TEXT and isinstance(column.attribute.property.columns[0].type, Code)

    def write(row: object) -> Cell:
        value: Any = row
        for step in steps:
            value = getattr(value, step, None)
        if value is None or value == "":
            return nothing
        if labels is not None:
            return Cell(path, "text", labels().get(value, _("Other")))
        if is_code:
            return Cell(path, "text", persian_digits(value))
        value_kind = kind_of_value(value) if kind is None else kind
        return _cell(path, value_kind, value, currency)

    return write


def _cell(path: str, kind: Kind, value: object, currency: Currency) -> Cell:
    if isinstance(value, date):
        return time_cell(path, value)
    text, cell_kind = _FORMATS.get(kind, _as_text)(value, currency)
    return Cell(path, cell_kind, text, href=f"tel:{value}" if kind is Kind.MOBILE else None)


def time_cell(path: str, value: date | datetime, *, can_be_late: bool = False) -> Cell:
    """The cell of a date or a moment."""
    spoken = spoken_time(value, can_be_late=can_be_late)
    kind = "late" if spoken.is_late else "today" if spoken.is_today else "time"
    return Cell(path, kind, spoken.words, hint=spoken.full, moment=value)


def _as_choice(value: Choice, _currency: Currency) -> tuple[Any, str]:
    return str(value), "text"


def _as_text(value: object, _currency: Currency) -> tuple[str, str]:
    text = str(value)
    # A code in digits is a number of the page; one with letters, such as «P-105», is copied elsewhere.
    return (persian_digits(text) if text.isdecimal() else text), "text"


def _as_boolean(value: bool, _currency: Currency) -> tuple[Any, str]:  # noqa: FBT001 - the value itself
    return (_("Yes") if value else _("No")), "boolean"


def _as_colour(value: Choice, _currency: Currency) -> tuple[Any, str]:
    return str(value), f"swatch:{value.value}"


# (text, kind of the cell) by the kind of the value.
_FORMATS: dict[Kind, Callable[[Any, Currency], tuple[Any, str]]] = {
    Kind.NUMBER: lambda value, _currency: (group_number(value), "number"),
    Kind.MONEY: lambda value, currency: (format_amount(value, currency), "money"),
    Kind.TIME: lambda value, _currency: (format_time_of_day(value), "text"),
    Kind.MOBILE: lambda value, _currency: (display_mobile(value), "mobile"),
    Kind.BOOLEAN: _as_boolean,
    Kind.CHOICE: _as_choice,
    Kind.COLOUR: _as_colour,
}


def currency_unit(currency: Currency) -> str:
    """The name of the unit of amounts."""
    return str(_("Toman") if currency is Currency.TOMAN else _("Rial"))


def money_words(rials: int) -> str:
    """An amount with its unit, in the organisation's currency."""
    unit = actor_currency()
    return f"{format_amount(rials, unit)} {currency_unit(unit)}"


def amount_words(rials: int) -> str:
    """An amount without its unit, which its heading names."""
    return format_amount(rials, actor_currency())


def money_unit() -> str:
    """The unit of amounts in the organisation's currency."""
    return currency_unit(actor_currency())


def label_of(column: Column, currency: Currency) -> str:
    """The label of a column; that of an amount with its unit, which its values do not repeat."""
    return f"{column.label} ({currency_unit(currency)})" if column.kind is Kind.MONEY else str(column.label)


def badge(number: int) -> str:
    """The count beside a label, capped: «۱٬۰۰۰+»."""
    return f"{group_number(BADGE_CAP)}+" if number > BADGE_CAP else group_number(number)


class SpokenTime(NamedTuple):
    """A moment in words; `full` is its whole date, and `is_late` says that *words* are a delay."""

    words: str
    full: str
    is_late: bool
    is_today: bool


def spoken_time(value: date | datetime, *, can_be_late: bool = False) -> SpokenTime:
    """*value* as «today 21:30», «Saturday 9:00» or «23 Azar»; with *can_be_late* its delay once it is past."""
    moment = now()
    delay = late_by(value, moment) if can_be_late else None
    if delay is not None:
        return SpokenTime(_late_by(*delay), full_time(value), is_late=True, is_today=False)
    return _spoken(value, tehran_day(moment))


# The day is part of the key, so that no text outlives midnight.
@lru_cache(maxsize=8_192)
def _spoken(value: date | datetime, today: date) -> SpokenTime:
    days, day, hour = relative_day(value, start_of_day(today))
    near = {-1: _("Yesterday"), 0: _("Today"), 1: _("Tomorrow")}
    words = f"{near.get(days, day)} {hour}".rstrip()
    return SpokenTime(words, full_time(value), is_late=False, is_today=days == 0)


@lru_cache(maxsize=8_192)
def full_time(value: date | datetime) -> str:
    """The whole date with the hour, where one is known: «دوشنبه ۲ آذر ۱۴۰۵، ۹:۰۰»."""
    hour = clock(value)
    return f"{long_date(value)}، {hour}" if hour else long_date(value)


# Most delays are a few days, so few texts serve most rows.
@lru_cache(maxsize=1_000)
def _late_by(number: int, unit: str) -> str:
    count = group_number(number)
    texts: dict[str, str] = {
        "day": _("%(n)s days late", n=count),
        "hour": _("%(n)s hours late", n=count),
        "minute": _("%(n)s minutes late", n=count),
    }
    return texts[unit]


def ago(moment: datetime) -> str:
    """The distance of *moment* from now in its largest unit: «2 hours ago», «in 3 days»."""
    seconds = int((now() - moment).total_seconds())
    number, unit = _largest_unit(abs(seconds))
    count = group_number(number)
    if number == 0:
        return str(_("just now"))
    future: dict[str, str] = {
        "day": _("in %(n)s days", n=count),
        "hour": _("in %(n)s hours", n=count),
        "minute": _("in %(n)s minutes", n=count),
    }
    past: dict[str, str] = {
        "day": _("%(n)s days ago", n=count),
        "hour": _("%(n)s hours ago", n=count),
        "minute": _("%(n)s minutes ago", n=count),
    }
    return future[unit] if seconds < 0 else past[unit]


def _largest_unit(seconds: int) -> tuple[int, str]:
    for unit, size in (("day", 86_400), ("hour", 3_600)):
        if seconds >= size:
            return seconds // size, unit
    return seconds // 60, "minute"
