"""The whole site under fire: answers come later, nobody is locked out, and nothing is held while they wait."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from app.extensions import celery, db
from app.gateways import password_hash
from app.lib.clock import now
from app.services.account import rate_limit
from app.services.account.rate_limit import SITE, delay, site_pause
from app.tasks.accounts import sweep_accounts
from models.account import Throttle
from tests.support.racing import at_once

PASSWORD = "یک جملهٔ خوب برای ورود"


@pytest.fixture(autouse=True)
def limits(app, monkeypatch):
    monkeypatch.setitem(app.config, "LIMITS", True)


@pytest.fixture
def person(consultant, session):
    consultant.password = generate_password_hash(PASSWORD, password_hash.METHOD)
    session.commit()
    return consultant


@pytest.fixture
def tried(session):
    """As if the site had been tried so often within the last minutes."""

    def times(count):
        session.add(Throttle(key=SITE, count=count, window_ends_at=now() + rate_limit._CALM.window))
        session.commit()

    return times


@pytest.fixture
def waits(monkeypatch):
    """How long each request would have waited, and what it held meanwhile."""
    noted = []

    def wait(seconds):
        free = [password_hash._HASH_SLOTS.acquire(blocking=False) for _place in range(4)]
        noted.append((seconds, db.session().in_transaction(), all(free)))
        password_hash._HASH_SLOTS.release(sum(free))

    monkeypatch.setattr(rate_limit.time, "sleep", wait)
    return noted


def log_in(app, person, password=PASSWORD):
    data = {"username": person.username, "password": password}
    return app.test_client().post("/login/", data=data).status_code


@pytest.mark.parametrize(
    ("before", "seconds"), [(0, []), (999, []), (1000, [1.001]), (1499, [1.5]), (5000, [2.0])]
)
def test_the_wait_grows_with_the_rush_and_is_two_seconds_at_most(app, person, tried, waits, before, seconds):
    tried(before)

    assert log_in(app, person) == 302
    assert [wait for wait, *_held in waits] == seconds


def test_a_wait_holds_neither_a_transaction_nor_a_place_among_the_checks(app, person, tried, waits):
    tried(3000)

    log_in(app, person, "نادرست")

    assert waits == [(2.0, False, True)]


def test_failures_of_all_accounts_count_together_and_successes_do_not(app, session, person):
    for name in ("nobody", "somebody"):
        app.test_client().post("/login/", data={"username": name, "password": "x"})
    log_in(app, person)

    assert session.scalars(select(Throttle.count).where(Throttle.key == SITE)).one() == 2


@pytest.mark.postgresql
def test_tries_of_all_programs_are_counted_one_by_one(app, committed, monkeypatch):
    def count():
        with app.app_context():
            pause = site_pause()
            db.session.commit()
            return pause

    at_once(*[count] * 8)

    with db.engine.begin() as connection:
        counted = connection.exec_driver_sql(
            "DELETE FROM throttles WHERE key = 'site' RETURNING count"
        ).scalar()
    assert counted == 8


def test_who_is_not_under_fire_does_not_wait(waits):
    delay(0.0)

    assert waits == []


@pytest.mark.parametrize(("ended", "locked", "stays"), [(25, None, False), (23, None, True), (25, -1, True)])
def test_counters_are_swept_a_day_after_they_ended_unless_they_still_lock(session, ended, locked, stays):
    over = now() - timedelta(hours=ended)
    until = None if locked is None else now() - timedelta(hours=locked)
    session.add(Throttle(key="login:1", count=3, window_ends_at=over, locked_until=until))
    session.commit()

    sweep_accounts()

    assert bool(session.scalars(select(Throttle.key)).all()) is stays


def test_the_sweep_runs_by_itself():
    assert celery.conf.beat_schedule["sweep accounts"]["task"] == sweep_accounts.name
