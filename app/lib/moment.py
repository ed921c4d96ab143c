"""Moments as whole numbers, which addresses carry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def number_of(moment: datetime) -> int:
    """The microseconds from 1970 to *moment*."""
    return (moment - _BEGINNING) // _MICROSECOND


def moment_of(number: int) -> datetime:
    """The moment of `number_of`; `OverflowError` beyond the year 9999."""
    return _BEGINNING + number * _MICROSECOND
