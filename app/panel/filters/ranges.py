"""Range filters for numbers, amounts, times and Jalali dates, the latter also by preset («this month»)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, false
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.datastructures import MultiDict

from app.lib.clock import now
from app.lib.digits import ungrouped
from app.lib.jalali import JalaliError, format_date, parse_date, start_of_day, today
from app.lib.money import AmountError, format_amount, parse_amount
from app.lib.persian import group_number
from app.lib.time_of_day import TimeError, format_time_of_day, parse_time
from app.panel.actor import currency
from app.panel.columns import Column, Kind
from app.panel.filters.base import FROM, TO, Part, UnreadableFilter, most_of, name_of, value_name
from app.panel.filters.presets import Preset
from app.panel.messages import explain
from app.panel.queries.clauses import Condition, cached_clause, parameter

_NOTHING = Condition(false())


def read_range(column: Column, arguments: MultiDict[str, str]) -> Part | None:
    """The filter for a range that includes both ends, either of which may be missing; raises `UnreadableFilter`."""
    name = name_of(column)
    if column.kind in DATED and (named := arguments.get(name)):
        return _read_preset(column, named)
    parse, write = _FORMATS[column.kind]
    first, last = (_read_end(f"{name}{end}", arguments, parse) for end in (FROM, TO))
    if first is not None and last is not None and first > last:
        raise UnreadableFilter(f"{name}{TO}", _("The end lies before the beginning."))
    texts = []
    if first is not None:
        texts.append(_("from %(start)s", start=write(first)))
    if last is not None:
        texts.append(_("to %(end)s", end=write(last)))
    return Part(" ".join(texts), _between(column, first, last)) if texts else None


def _read_preset(column: Column, named: str) -> Part:
    preset = next((each for each in Preset if each.value == named), None)
    if preset is None:
        raise UnreadableFilter(name_of(column), _("Choose one of the list."))
    if preset is Preset.OVERDUE:
        return Part(str(preset), _before_now(column))
    return Part(str(preset), _between(column, *preset.days()))


def _before_now(column: Column) -> Condition:
    """The condition that the value is earlier than now; for a column of dates, than today."""
    end = value_name(column, TO)
    value = now() if column.kind is Kind.DATETIME else today()
    return Condition(_range(column.attribute, None, end, is_open=True), {end: value})


def _read_end(argument: str, arguments: MultiDict[str, str], parse: Callable[[str], Any]) -> Any:
    text = arguments.get(argument, "").strip()[:60]
    if not text:
        return None
    try:
        return parse(text)
    except (JalaliError, AmountError, TimeError) as error:
        raise UnreadableFilter(argument, str(explain(error))) from error
    except ValueError as error:
        raise UnreadableFilter(argument, str(error)) from error


def _between(column: Column, first: Any, last: Any) -> Condition:
    attribute, values = column.attribute, {}
    if _is_beyond(attribute, first, last):
        return _NOTHING
    start, end = value_name(column, FROM), value_name(column, TO)
    is_moment = column.kind is Kind.DATETIME
    if first is not None:
        values[start] = start_of_day(first) if is_moment else _within(attribute, first)
    if last is not None:
        values[end] = start_of_day(last + timedelta(days=1)) if is_moment else _within(attribute, last)
    ends = (start if start in values else None, end if end in values else None)
    return Condition(_range(attribute, *ends, is_open=is_moment), values)


@cached_clause
def _range(
    attribute: InstrumentedAttribute[Any], start: str | None, end: str | None, *, is_open: bool
) -> ColumnElement[bool]:
    """The condition for a range from the parameter *start* to *end*; *is_open* excludes the end."""
    conditions = []
    if start is not None:
        conditions.append(attribute >= parameter(start, attribute.type))
    if end is not None:
        last = parameter(end, attribute.type)
        conditions.append(attribute < last if is_open else attribute <= last)
    return and_(*conditions)


def _is_beyond(attribute: InstrumentedAttribute[Any], first: Any, last: Any) -> bool:
    """Whether a range of numbers lies beyond those that fit into the column."""
    above = isinstance(first, int) and first > most_of(attribute)
    return above or (isinstance(last, int) and last < -most_of(attribute))


def _within(attribute: InstrumentedAttribute[Any], value: date | time | int) -> date | time | int:
    """*value*, limited to the numbers that fit into the column, which leaves the matching rows the same."""
    if not isinstance(value, int):
        return value
    most = most_of(attribute)
    return max(-most, min(value, most))


def _number(text: str) -> int:
    digits = ungrouped(text)
    sign = -1 if digits[:1] in {"-", "−"} else 1
    digits = digits.lstrip("-−") if sign < 0 else digits
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(_("Write a whole number, such as 12."))
    return sign * int(digits)


def _amount(text: str) -> int:
    return parse_amount(text, currency())


_Format = tuple[Callable[[str], Any], Callable[[Any], str]]
_FORMATS: dict[Kind, _Format] = {
    Kind.NUMBER: (_number, group_number),
    Kind.MONEY: (_amount, lambda rials: format_amount(rials, currency())),
    Kind.DATE: (parse_date, format_date),
    Kind.DATETIME: (parse_date, format_date),
    Kind.TIME: (parse_time, format_time_of_day),
}
DATED = frozenset({Kind.DATE, Kind.DATETIME})
RANGED = frozenset(_FORMATS)
