"""The Jalali calendar: what people type, what is stored, what they see."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lib import clock, jalali
from app.lib.jalali import DateReason, JalaliError

DAYS = st.dates(date(1921, 3, 21), date(2121, 3, 20))


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1403/12/30", date(2025, 3, 20)),
        ("1404/01/01", date(2025, 3, 21)),
        ("١٤٠٣/٠٧/٠١", date(2024, 9, 22)),
        ("\u200f1403/07/01\u200f", date(2024, 9, 22)),
        ("۱۴۰۵-۹-۲", date(2026, 11, 23)),
    ],
)
def test_any_digits_and_separators_are_read(typed, day):
    assert jalali.parse_date(typed) == day


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("1404/12/30", DateReason.LEAP),
        ("1403/07/31", DateReason.NO_SUCH_DAY),
        ("1403/01/00", DateReason.NO_SUCH_DAY),
        ("99999/01/01", DateReason.YEAR_RANGE),
        ("1200/01/01", DateReason.YEAR_RANGE),
        ("2025-03-20", DateReason.GREGORIAN_YEAR),
        ("", DateReason.EMPTY),
        ("1403/01/01\0", DateReason.FORMAT),
        ("فردا", DateReason.FORMAT),
    ],
)
def test_what_is_no_day_says_why(typed, reason):
    with pytest.raises(JalaliError) as refusal:
        jalali.parse_date(typed)

    assert refusal.value.reason is reason


def test_a_time_of_day_is_tehrans():
    assert jalali.parse_datetime("1405/04/10 12:00") == datetime(2026, 7, 1, 8, 30, tzinfo=UTC)


def test_an_hour_that_came_twice_is_the_first_one():
    assert jalali.parse_datetime("1401/06/30 23:30") == datetime(2022, 9, 21, 19, 0, tzinfo=UTC)


def test_hour_twenty_four_is_refused():
    with pytest.raises(JalaliError):
        jalali.parse_datetime("1403/02/31 24:00")


@given(DAYS)
def test_what_is_shown_can_be_typed(day):
    assert jalali.parse_date(jalali.format_date(day)) == day


@given(DAYS, st.integers(-24, 24))
def test_months_are_added_within_the_month(day, months):
    start, later = jalali.to_jalali(day), jalali.to_jalali(jalali.add_months(day, months))

    assert (later.year * 12 + later.month) - (start.year * 12 + start.month) == months
    assert later.day == min(start.day, jalali.month_length(later.year, later.month))


def test_the_week_begins_on_saturday():
    clock.start_at(datetime(2026, 11, 23, 9, tzinfo=UTC))
    try:
        first, end = jalali.this_week()
    finally:
        clock.reset()

    assert jalali.long_date(first).startswith("شنبه")
    assert end - first == timedelta(days=7)
