"""Limits of logins: how many tries a key has within a window, how long it is locked, and for whom."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.lib import clock
from app.lib.clock import now
from app.services.account.login import ACCOUNT, ADDRESS, LoginLocked, Source, admit
from app.services.account.rate_limit import Limit, locked_until
from models.account import Throttle

LIMIT = Limit(3, timedelta(minutes=5), timedelta(minutes=10))
HERE, ELSEWHERE = Source("192.0.2.1", "Firefox"), Source("192.0.2.2", "Firefox")


@pytest.fixture(autouse=True)
def limits(app, monkeypatch):
    monkeypatch.setitem(app.config, "LIMITS", True)


@pytest.fixture
def later(session):
    """A function that moves the clock forward."""
    start = now()
    yield lambda **passed: clock.start_at(start + timedelta(**passed))
    clock.reset()


def tries(count, key="login:1"):
    return [locked_until(key, LIMIT) is not None for _each in range(count)]


def test_the_try_above_the_limit_locks_its_own_key_alone(session):
    assert tries(4) == [False, False, False, True]
    assert tries(1, "login:2") == [False]


def test_tries_count_within_one_window(later):
    tries(3)
    later(minutes=4)
    assert tries(1) == [True]


def test_a_new_window_begins_when_the_last_one_is_over(later):
    tries(3)
    later(minutes=6)
    assert tries(4) == [False, False, False, True]


def test_a_lock_ends_and_the_next_one_is_twice_as_long(later):
    tries(4)
    later(minutes=9)
    assert tries(1) == [True]
    later(minutes=16)
    assert tries(3) == [False] * 3
    assert locked_until("login:1", LIMIT) - now() > timedelta(minutes=19)


def test_no_lock_is_longer_than_an_hour(session):
    session.add(Throttle(key="login:1", count=3, locks=9, window_ends_at=now() + LIMIT.window))
    session.flush()
    left = locked_until("login:1", LIMIT) - now()

    assert timedelta(minutes=59) < left <= timedelta(hours=1)


@pytest.mark.parametrize(
    ("key", "limit", "source"),
    [("account", ACCOUNT, ELSEWHERE), (f"address:{HERE.ip}", ADDRESS, HERE)],
    ids=["account", "address"],
)
def test_a_login_counts_for_its_account_and_its_address(session, consultant, colleague, key, limit, source):
    name = f"login:{consultant.id}" if key == "account" else key
    session.add(Throttle(key=name, count=limit.most - 1, window_ends_at=now() + limit.window))
    session.flush()

    assert admit(consultant.username, source) == consultant
    with pytest.raises(LoginLocked):
        admit(consultant.username, source)
    # Another account from another address.
    assert admit(colleague.username, Source("192.0.2.9", "")) == colleague


def test_an_office_has_more_tries_than_an_account():
    assert (ACCOUNT.most, ADDRESS.most) == (10, 100)
    assert ACCOUNT.window == ADDRESS.window == timedelta(minutes=5)
