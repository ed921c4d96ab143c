"""Sending hours: Tehran time, holidays, weekdays, hours across midnight."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from app.lib.jalali import TEHRAN
from app.services.sms.sending_hours import is_open, next_opening
from models.organization import Organization

WEEK = ["saturday", "sunday", "monday", "tuesday", "wednesday", "thursday"]


def organization(opens=8, closes=21, **values):
    hours = {"sending_from": time(opens), "sending_until": time(closes)}
    return Organization(**hours, **({"working_days": WEEK, "holidays": {}} | values))


def at(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=TEHRAN)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(24, 8), True),
        (at(24, 7, 59), False),
        (at(24, 20, 59), True),
        (at(24, 21), False),
        (at(24, 0), False),
    ],
)
def test_sending_hours_are_in_tehran_time(moment, expected):
    assert is_open(organization(), moment) is expected


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        (at(24, 3), at(24, 8)),
        (at(24, 12), at(24, 12)),
        (at(24, 21), at(25, 8)),
        (at(30, 23), datetime(2026, 12, 1, 8, tzinfo=TEHRAN)),
    ],
)
def test_the_next_opening_is_found(moment, opening):
    assert next_opening(organization(), moment) == opening


def test_holidays_and_free_days_are_skipped():
    closed = organization(holidays={"2026-11-26": "تعطیل"}, sends_on_free_days=False)

    assert next_opening(closed, at(25, 22)) == at(28, 8)
    assert not is_open(closed, at(26, 12))


def test_free_days_are_open_where_the_organisation_sends_on_them():
    # The 27th is a Friday.
    sending = organization(holidays={"2026-11-26": "تعطیل"}, sends_on_free_days=True)

    assert next_opening(sending, at(25, 22)) == at(27, 8)
    assert not is_open(sending, at(26, 12))


def test_sending_hours_can_cross_midnight():
    night = organization(opens=20, closes=6)

    assert [is_open(night, at(24, hour)) for hour in (5, 6, 19, 20, 23)] == [True, False, False, True, True]


def test_equal_ends_are_open_all_day():
    assert all(is_open(organization(opens=0, closes=0), at(24, hour)) for hour in range(24))


def test_an_organisation_that_is_always_closed_is_not_open():
    assert not is_open(organization(working_days=[], sends_on_free_days=False), at(24, 12))
