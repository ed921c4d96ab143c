"""SQL parameters for «now», «today», «midnight» and the days of this week, evaluated whenever their statement is executed.

The statements of tabs are cached. A Python datetime in one of them would keep its first value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import BindParameter, Date, bindparam
from sqlalchemy.sql import ClauseElement, visitors
from sqlalchemy.types import TypeEngine

from app.lib.clock import now
from app.lib.jalali import start_of_day, today, week_start
from models.types import UtcDateTime

_NONE = timedelta()


class FixedTime(TypeError):
    """A cached condition contains a date or a time as a fixed value."""


def moment(shift: timedelta = _NONE) -> BindParameter[datetime]:
    """The present time plus *shift*."""
    return _parameter("moment", shift // timedelta(microseconds=1), UtcDateTime(), partial(_moment, shift))


def day(shift: int = 0) -> BindParameter[date]:
    """Today in Tehran plus *shift* days; for columns of dates."""
    return _parameter("day", shift, Date(), partial(_day, shift))


def day_of_week(number: int) -> BindParameter[date]:
    """A day of the present week in Tehran; 0 is Saturday."""
    return _parameter("weekday", number, Date(), partial(_day_of_week, number))


def midnight(shift: int = 0) -> BindParameter[datetime]:
    """The time at which `day` begins; for columns of datetimes."""
    return _parameter("midnight", shift, UtcDateTime(), partial(_midnight, shift))


def _parameter(
    name: str, shift: int, column_type: TypeEngine[Any], read: Callable[[], Any]
) -> BindParameter[Any]:
    # Parameters with equal names share one value in a statement, so the shift is part of the name.
    sign = "before" if shift < 0 else "after"
    return bindparam(f"clock_{name}_{sign}_{abs(shift)}", type_=column_type, callable_=read)


def _moment(shift: timedelta) -> datetime:
    return now() + shift


def _day(shift: int) -> date:
    return today() + timedelta(days=shift)


def _day_of_week(number: int) -> date:
    return week_start(today()) + timedelta(days=number)


def _midnight(shift: int) -> datetime:
    return start_of_day(_day(shift))


def refuse_fixed_times(clause: ClauseElement, where: str) -> None:
    """Raise `FixedTime` if *clause* contains a date or a time as a plain value; *where* names it in the message."""
    for part in visitors.iterate(clause):
        if isinstance(part, BindParameter) and part.callable is None and _has_time(part.value):
            raise FixedTime(
                f"{where} compares with the fixed value {part.value!r}. The condition is cached: "
                "use moment(), day() or midnight() of app.panel.queries.moments instead."
            )


def _has_time(value: object) -> bool:
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return any(isinstance(each, date) for each in value)
    return isinstance(value, date)
