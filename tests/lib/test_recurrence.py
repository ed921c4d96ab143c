"""Recurrences over years of the Jalali calendar: leap years, Nowruz, months of 29, 30 and 31 days."""

from datetime import date, timedelta
from itertools import pairwise

import jdatetime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lib.jalali import month_length, to_jalali
from app.lib.recurrence import Period, Recurrence

FIRST, LAST = date(2024, 3, 1), date(2031, 4, 1)  # 1402 to 1410, with the leap years 1403 and 1408
DAYS = st.dates(FIRST, LAST)
WEEKDAYS = st.sets(st.integers(0, 6), min_size=1)
RULES = st.one_of(
    st.just(Recurrence(Period.DAY)),
    WEEKDAYS.map(lambda days: Recurrence(Period.WEEK, weekdays=tuple(sorted(days)))),
    st.integers(1, 31).map(lambda day: Recurrence(Period.MONTH, month_day=day)),
)


def jalali(year, month, day):
    return jdatetime.date(year, month, day).togregorian()


def is_of(rule, day):
    found = to_jalali(day)
    if rule.period is Period.WEEK:
        return found.weekday() in rule.weekdays
    if rule.period is Period.MONTH:
        return found.day == min(rule.month_day, month_length(found.year, found.month))
    return True


@given(RULES, DAYS)
def test_the_next_day_is_the_first_one_of_the_rule(rule, day):
    found = rule.next_after(day)
    between = [day + timedelta(days=each) for each in range(1, (found - day).days)]

    assert found > day
    assert is_of(rule, found)
    assert not any(is_of(rule, each) for each in between)


@given(RULES, DAYS, st.integers(-40, 400))
def test_missed_days_come_once(rule, day, shift):
    today = day + timedelta(days=shift)
    found = rule.following(day, today)

    assert found > day
    assert is_of(rule, found)
    if rule.next_after(day) > today:
        assert found == rule.next_after(day)
    else:
        assert found <= today < rule.next_after(found)


@pytest.mark.parametrize("month_day", [1, 5, 29, 30, 31])
def test_each_month_has_one_day_over_the_years(month_day):
    rule, day, found = Recurrence(Period.MONTH, month_day=month_day), jalali(1402, 12, 29), []
    while to_jalali(day).year < 1410:
        day = rule.next_after(day)
        found.append(to_jalali(day))
    months = [(each.year, each.month) for each in found]
    assert months == sorted(set(months))
    assert all(
        (year * 12 + month) - (before * 12 + last) == 1 for (before, last), (year, month) in pairwise(months)
    )
    assert all(each.day == min(month_day, month_length(each.year, each.month)) for each in found)


@pytest.mark.parametrize(
    ("year", "last"),
    [(1403, 30), (1404, 29), (1405, 29), (1406, 29), (1407, 29), (1408, 30)],
)
def test_the_last_day_of_the_year(year, last):
    rule = Recurrence(Period.MONTH, month_day=31)
    found = rule.next_after(jalali(year, 11, 30))

    assert found == jalali(year, 12, last)
    assert rule.next_after(found) == jalali(year + 1, 1, 31)
    assert Recurrence(Period.DAY).next_after(found) == jalali(year + 1, 1, 1)


def test_a_day_that_a_month_lacks_comes_back_in_the_next_one():
    rule = Recurrence(Period.MONTH, month_day=31)
    days = [jalali(1405, 5, 31)]
    while to_jalali(days[-1]).month != 2:
        days.append(rule.next_after(days[-1]))

    assert [to_jalali(each).day for each in days] == [31, 31, 30, 30, 30, 30, 30, 29, 31, 31]


def test_weekdays_over_nowruz():
    rule = Recurrence(Period.WEEK, weekdays=(0, 2))  # Saturday and Monday
    saturday = jalali(1404, 12, 23)
    assert [rule.next_after(saturday), rule.following(saturday, saturday + timedelta(days=8))] == [
        jalali(1404, 12, 25),
        jalali(1405, 1, 1),
    ]
