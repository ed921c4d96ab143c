"""Moments in words: the day relative to today in Tehran, the hour where one is known, and how late it is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.lib.jalali import TEHRAN, parse_datetime, to_jalali
from app.lib.relative_time import WEEK, late_by, relative_day, tehran_day

START, END = datetime(2020, 1, 1), datetime(2035, 1, 1)  # noqa: DTZ001 - the strategy adds the zone
MOMENTS = st.datetimes(START, END, timezones=st.just(UTC))
NEAR = st.timedeltas(timedelta(days=-8), timedelta(days=8))
# 30 Esfand of a leap year and Nowruz after it, at the minutes around midnight in Tehran.
LEAP_END = parse_datetime("1403/12/30 23:59")
NOWRUZ = parse_datetime("1404/01/01 00:01")
NOW = parse_datetime("1405/09/08 10:15")


def said(value, now=NOW):
    return relative_day(value, now)


@pytest.mark.parametrize(
    ("typed", "days", "day", "clock"),
    [
        ("1405/09/08 21:30", 0, "یکشنبه", "۲۱:۳۰"),
        ("1405/09/09 09:00", 1, "دوشنبه", "۹:۰۰"),
        ("1405/09/07 08:15", -1, "شنبه", "۸:۱۵"),
        ("1405/09/14 16:30", 6, "شنبه", "۱۶:۳۰"),
        ("1405/09/02 00:05", -6, "دوشنبه", "۰:۰۵"),
        ("1405/09/15 16:30", 7, "۱۵ آذر", ""),
        ("1405/09/01 16:30", -7, "۱ آذر", ""),
        ("1406/01/01 16:30", 112, "۱ فروردین ۱۴۰۶", ""),
        ("1404/12/29 16:30", -254, "۲۹ اسفند ۱۴۰۴", ""),
        ("1405/09/08", 0, "یکشنبه", ""),
    ],
)
def test_a_moment_is_said_as_its_day_and_hour(typed, days, day, clock):
    assert said(parse_datetime(typed)) == (days, day, clock)


def test_a_date_has_no_hour():
    assert said(date(2026, 11, 30)) == (1, "دوشنبه", "")


def test_a_naive_moment_is_tehrans():
    moment = datetime(2026, 11, 29, 21, 30)  # noqa: DTZ001 - this is what is tested

    assert said(moment) == (0, "یکشنبه", "۲۱:۳۰")


@given(MOMENTS, NEAR)
@example(LEAP_END, timedelta(minutes=2))
@example(NOWRUZ, -timedelta(minutes=2))
@example(parse_datetime("1405/09/08 23:59"), timedelta(minutes=1))
@example(parse_datetime("1405/09/09"), -timedelta(microseconds=1))
def test_the_day_is_counted_in_tehran_and_never_from_24_hours(now, distance):
    value = now + distance

    found = relative_day(value, now)

    assert found.days == (value.astimezone(TEHRAN).date() - now.astimezone(TEHRAN).date()).days
    assert (found.clock == "") == (
        abs(found.days) > WEEK or value.astimezone(TEHRAN).strftime("%H:%M") == "00:00"
    )


@given(MOMENTS, st.timedeltas(timedelta(days=-800), timedelta(days=800)))
@example(LEAP_END, timedelta(days=7))
@example(NOWRUZ, timedelta(days=-7))
def test_the_year_is_said_where_it_is_another_one(now, distance):
    value = now + distance
    found, year = relative_day(value, now), to_jalali(value).year

    is_far = abs(found.days) > WEEK
    assert (len(found.day.split()) == 3) == (is_far and year != to_jalali(now).year)


@given(MOMENTS, NEAR)
@example(LEAP_END, timedelta(minutes=2))
def test_words_of_one_day_do_not_change_before_midnight(now, distance):
    value, start = now + distance, datetime.combine(tehran_day(now), datetime.min.time(), TEHRAN)

    assert relative_day(value, now) == relative_day(value, start)


@pytest.mark.parametrize(
    ("passed", "delay"),
    [
        (timedelta(seconds=-1), None),
        (timedelta(seconds=59), None),
        (timedelta(minutes=1), (1, "minute")),
        (timedelta(minutes=59, seconds=59), (59, "minute")),
        (timedelta(hours=3), (3, "hour")),
        (timedelta(hours=47), (1, "day")),
        (timedelta(days=400), (400, "day")),
    ],
)
def test_a_delay_is_in_its_largest_unit(passed, delay):
    assert late_by(NOW - passed, NOW) == delay


@pytest.mark.parametrize("value", [parse_datetime("1405/09/08"), date(2026, 11, 29)])
def test_a_value_without_an_hour_is_late_from_the_next_day_on(value):
    night = parse_datetime("1405/09/08 23:59")

    assert late_by(value, night) is None
    assert late_by(value, night + timedelta(minutes=1)) == (1, "day")
