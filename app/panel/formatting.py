"""Values as people read them: Persian digits, Jalali dates, money in the organisation's currency."""

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
    column: Column, row: Any, *, currency: Currency, colour: str | None = None, note: str | None = None
) -> Cell:
    """How *column* of *row* stands in a list; `colour` paints a chip, `note` stands behind the value."""
    shown = cell_writer(column, currency)(row)
    if shown.text == NOTHING:
        return shown
    if colour is not None:
        return Cell(column.path, "chip", str(column.value(row)), colour=colour)
    return shown if note is None else shown.but(note=note)


# One for each column that is declared or chosen, in two currencies.
@lru_cache(maxsize=2_000)
def cell_writer(column: Column, currency: Currency) -> Callable[[Any], Cell]:
    """What makes the cell of *column* out of a row: all that is the same for every row is worked out here."""
    path, steps, words = column.path, column.steps, column.words
    nothing = Cell(path, "text", NOTHING)
    kind = None if column.attribute is None else column.kind

    def write(row: Any) -> Cell:
        value = row
        for step in steps:
            value = getattr(value, step, None)
        if value is None or value == "":
            return nothing
        if words is not None:
            return Cell(path, "text", words().get(value, value))
        known = kind_of_value(value) if kind is None else kind
        return _shown(path, known, value if known in _SHOWN else str(value), currency)

    return write


def _shown(path: str, kind: Kind, value: Any, currency: Currency) -> Cell:
    text, shown = _SHOWN.get(kind, _as_text)(value, currency)
    hint = long_date(value) if isinstance(value, date) else None
    return Cell(path, shown, text, hint=hint, href=f"tel:{value}" if kind is Kind.MOBILE else None)


def _as_choice(value: Choice, _currency: Currency) -> tuple[Any, str]:
    return str(value), "text"


def _as_text(value: Any, _currency: Currency) -> tuple[Any, str]:
    return str(value), "text"


def _as_boolean(value: bool, _currency: Currency) -> tuple[Any, str]:  # noqa: FBT001 - the value itself
    return (_("Yes") if value else _("No")), "boolean"


def _as_colour(value: Choice, _currency: Currency) -> tuple[Any, str]:
    return str(value), f"swatch:{value.value}"


_SHOWN: dict[Kind, Callable[[Any, Currency], tuple[Any, str]]] = {
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
    """A small number beside a word; beyond `BADGE_CAP` nobody reads it as one: «۱٬۰۰۰+»."""
    return f"{group_number(BADGE_CAP)}+" if number > BADGE_CAP else group_number(number)


def late_words(moment: datetime) -> str | None:
    """«2 hours late», None for what is still to come."""
    if moment >= now():
        return None
    return _late_by(*_largest_unit(int((now() - moment).total_seconds())))


# Most of those who are late are late by the same few days, and there is one language to say it in.
@lru_cache(maxsize=1_000)
def _late_by(number: int, unit: str) -> str:
    count = group_number(number)
    return {"day": _("%(n)s days late", n=count), "hour": _("%(n)s hours late", n=count)}.get(
        unit, _("%(n)s minutes late", n=count)
    )


def ago(moment: datetime) -> str:
    """How far away *moment* is, in the largest unit that fits: «2 hours ago», «in 3 days»."""
    seconds = int((now() - moment).total_seconds())
    number, unit = _largest_unit(abs(seconds))
    count = group_number(number)
    if number == 0:
        return _("just now")
    if seconds < 0:
        return {"day": _("in %(n)s days", n=count), "hour": _("in %(n)s hours", n=count)}.get(
            unit, _("in %(n)s minutes", n=count)
        )
    return {"day": _("%(n)s days ago", n=count), "hour": _("%(n)s hours ago", n=count)}.get(
        unit, _("%(n)s minutes ago", n=count)
    )


def _largest_unit(seconds: int) -> tuple[int, str]:
    for unit, size in (("day", 86_400), ("hour", 3_600)):
        if seconds >= size:
            return seconds // size, unit
    return seconds // 60, "minute"
