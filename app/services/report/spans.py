"""Days and spans of days in Tehran as conditions of statements that count them all at once.

The statements are built once for a number of days or spans; the times are parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, case, literal_column

from app.lib.jalali import add_months, start_of_day
from models.types import UtcDateTime

_DAY = timedelta(days=1)
# The name of a computed group. Groups are named in GROUP BY: PostgreSQL takes an expression with parameters that is
# repeated there for another one.
PLACE = "place_of_row"
BY_PLACE: ColumnElement[Any] = literal_column(PLACE)


@dataclass(frozen=True)
class Span:
    """The days from *first* to *last*, both included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        return [self.first + _DAY * number for number in range((self.last - self.first).days + 1)]

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The first instant, and that after the last day."""
        return start_of_day(self.first), start_of_day(self.last + _DAY)

    def before(self) -> Span:
        """As many days directly before."""
        return Span(self.first - _DAY * len(self.days), self.first - _DAY)

    def month_before(self) -> Span:
        """The same days of the Jalali month before, as far as that month has them."""
        return Span(add_months(self.first, -1), add_months(self.last, -1))


def last_days(day: date, count: int) -> Span:
    """The *count* days that end with *day*."""
    return Span(day - _DAY * (count - 1), day)


def day_of(column: Any, count: int) -> ColumnElement[int]:
    """The place of the day of *column* among *count* days; see `day_values`."""
    later = [(column < _time(f"day_{number + 1}"), _number(number)) for number in range(count - 1)]
    return case(*later, else_=_number(count - 1)) if later else _number(0)


def in_days(column: Any, count: int) -> ColumnElement[bool]:
    """The condition that *column* lies in the *count* days."""
    return and_(column >= _time("day_0"), column < _time(f"day_{count}"))


def day_values(span: Span) -> dict[str, datetime]:
    """The parameters of `day_of` and `in_days`."""
    starts = [*span.days, span.last + _DAY]
    return {f"day_{number}": start_of_day(day) for number, day in enumerate(starts)}


def in_span(column: Any, number: int) -> ColumnElement[bool]:
    """The condition that *column* lies in one of several spans; see `span_values`."""
    return and_(column >= _time(f"first_{number}"), column < _time(f"end_{number}"))


def in_some_span(column: Any) -> ColumnElement[bool]:
    """The condition that *column* lies between the first and the last instant of all spans."""
    return and_(column >= _time("first"), column < _time("end"))


def span_values(spans: Sequence[Span]) -> dict[str, datetime]:
    """The parameters of `in_span` and `in_some_span`."""
    bounds = [span.bounds for span in spans]
    values = {"first": min(first for first, _end in bounds), "end": max(end for _first, end in bounds)}
    for number, (first, end) in enumerate(bounds):
        values |= {f"first_{number}": first, f"end_{number}": end}
    return values


def _time(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=UtcDateTime())


def _number(number: int) -> ColumnElement[int]:
    # A literal: the database need not read a parameter for each row.
    return literal_column(str(number))
