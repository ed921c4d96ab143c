"""The periods of a range: its longest length in Jalali months, and weeks from Saturday on."""

from datetime import date

import pytest

from app.services.report.periods import Grain, last_allowed_day, periods_of


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2025, 3, 20), date(2025, 7, 20)),  # 30 Esfand 1403 to 29 Tir
        (date(2025, 3, 21), date(2025, 7, 22)),  # 1 Farvardin to 31 Tir
        (date(2024, 11, 21), date(2025, 3, 20)),  # 1 Azar to the leap day
        (date(2025, 8, 22), date(2025, 12, 20)),  # 31 Mordad, clamped to 30 Azar, less a day
    ],
)
def test_the_last_day_of_the_longest_range(first, last):
    assert last_allowed_day(first) == last


def test_weeks_begin_on_saturday_and_are_cut_at_the_ends():
    weeks = periods_of(date(2025, 3, 20), date(2025, 3, 29), Grain.WEEK)
    assert [(each.first.day, each.last.day, each.is_whole) for each in weeks] == [
        (20, 21, False),
        (22, 28, True),
        (29, 29, False),
    ]
