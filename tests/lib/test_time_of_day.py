"""Times of the day, as people type them."""

from datetime import time

import pytest

from app.lib.time_of_day import TimeError, format_time_of_day, parse_time


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("۱۴:۳۰", 14, 30),
        ("14:30", 14, 30),
        ("١٤:٣٠", 14, 30),
        ("1430", 14, 30),
        ("930", 9, 30),
        ("۹", 9, 0),
        ("09", 9, 0),
        ("0", 0, 0),
        (" ۹:۰۵ ", 9, 5),
        ("9.30", 9, 30),
        ("23:59", 23, 59),
        ("08:15:00", 8, 15),
        ("\u200f۱۴:۳۰\u200f", 14, 30),
    ],
)
def test_reads_each_spelling(text, hour, minute):
    assert parse_time(text) == time(hour, minute)


@pytest.mark.parametrize(
    "text", ["", "24", "24:00", "9:60", "9:5", "99", "14:30:99:1", "صبح", "-1", "1 دی", "12345"]
)
def test_refuses_other_texts(text):
    with pytest.raises(TimeError):
        parse_time(text)


def test_is_shown_in_persian_digits():
    assert format_time_of_day(time(9, 5)) == "۰۹:۰۵"
