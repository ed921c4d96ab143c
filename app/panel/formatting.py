"""Formatting of values: Persian digits, Jalali dates, money in the organisation's currency."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _

from app.lib.clock import now
from app.lib.jalali import format_date, format_datetime, long_date
from app.lib.mobile import display_mobile
from app.lib.money import Currency, format_amount
from app.lib.persian import group_number
from app.panel.columns import Column, Kind, kind_of_value
from app.panel.queries.counts import BADGE_CAP
from app.panel.view_models import Cell
from models.types import Choice

NOTHING = "—"


def cell(
    column: Column, row: object, *, currency: Currency, colour: str | None = None, note: str | None = None
) -> Cell:
    """The cell of *column* for *row*; with `colour` it is a chip, and `note` follows the value."""
    shown = cell_writer(column, currency)(row)
    if shown.text == NOTHING:
        return shown
    if colour is not None:
        return Cell(column.path, "chip", str(column.value(row)), colour=colour)
    return shown if note is None else shown.with_changes(note=note)


# One entry for each column in each of the two currencies.
@lru_cache(maxsize=2_000)
def cell_writer(column: Column, currency: Currency) -> Callable[[Any], Cell]:
    """A function from a row to its cell of *column*; the parts that are equal for all rows are computed once."""
    path, steps, labels = column.path, column.steps, column.words
    nothing = Cell(path, "text", NOTHING)
    kind = None if column.attribute is None else column.kind

    def write(row: object) -> Cell:
        value: Any = row
        for step in steps:
            value = getattr(value, step, None)
        if value is None or value == "":
            return nothing
        if labels is not None:
            return Cell(path, "text", labels().get(value, value))
        value_kind = kind_of_value(value) if kind is None else kind
        return _cell(path, value_kind, value if value_kind in _FORMATS else str(value), currency)

    return write


def _cell(path: str, kind: Kind, value: object, currency: Currency) -> Cell:
    text, cell_kind = _FORMATS.get(kind, _as_text)(value, currency)
    hint = long_date(value) if isinstance(value, date) else None
    return Cell(path, cell_kind, text, hint=hint, href=f"tel:{value}" if kind is Kind.MOBILE else None)


def _as_choice(value: Choice, _currency: Currency) -> tuple[Any, str]:
    return str(value), "text"


def _as_text(value: object, _currency: Currency) -> tuple[Any, str]:
    return str(value), "text"


def _as_boolean(value: bool, _currency: Currency) -> tuple[Any, str]:  # noqa: FBT001 - the value itself
    return (_("Yes") if value else _("No")), "boolean"


def _as_colour(value: Choice, _currency: Currency) -> tuple[Any, str]:
    return str(value), f"swatch:{value.value}"


# (text, kind of the cell) by the kind of the value.
_FORMATS: dict[Kind, Callable[[Any, Currency], tuple[Any, str]]] = {
    Kind.NUMBER: lambda value, _currency: (group_number(value), "number"),
    Kind.MONEY: lambda value, currency: (format_amount(value, currency), "money"),
    Kind.MOBILE: lambda value, _currency: (display_mobile(value), "mobile"),
    Kind.DATE: lambda value, _currency: (format_date(value), "date"),
    Kind.DATETIME: lambda value, _currency: (format_datetime(value), "datetime"),
    Kind.BOOLEAN: _as_boolean,
    Kind.CHOICE: _as_choice,
    Kind.COLOUR: _as_colour,
}


def badge(number: int) -> str:
    """The count beside a label, capped: «۱٬۰۰۰+»."""
    return f"{group_number(BADGE_CAP)}+" if number > BADGE_CAP else group_number(number)


def late_words(moment: datetime) -> str | None:
    """«2 hours late»; None for a time in the future."""
    if moment >= now():
        return None
    return _late_by(*_largest_unit(int((now() - moment).total_seconds())))


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
