"""The day of a fast consultant meets no limit; a script that acts for them does."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from app.gateways.rate_store import RateStore
from app.lib import clock
from app.panel.rates.groups import group_of

MORNING = datetime(2026, 12, 1, 5, tzinfo=UTC)
ACTS, HOURS, IN_A_BURST = 1200, 8, 15
# What one act asks for: seconds after its begin, method and address.
ACT = (
    (0.0, "GET", "/follow-ups/"),
    (0.4, "GET", "/follow-ups/1/panel"),
    (1.0, "GET", "/customers/lookup/customer"),
    (1.4, "GET", "/customers/lookup/customer"),
    (1.8, "GET", "/palette/rows"),
    (2.2, "POST", "/follow-ups/1/result/totals"),
    (2.8, "POST", "/follow-ups/1/result"),
    (3.0, "GET", "/follow-ups/"),
)
TABS, NEWS_EVERY = 4, 20


@pytest.fixture
def store(app):
    return RateStore("", app.config["RATES"])


def begins(randomly):
    """The moments at which acts begin: a third in bursts of fifteen within a minute, the others in between."""
    bursts = ACTS // 3 // IN_A_BURST
    starts = [
        burst * HOURS * 3600 / bursts + place * 60 / IN_A_BURST
        for burst in range(bursts)
        for place in range(IN_A_BURST)
    ]
    return starts + [randomly.uniform(0, HOURS * 3600) for _each in range(ACTS - len(starts))]


def requests_of_a_day():
    found = [
        (start + after, method, path) for start in begins(random.Random(7)) for after, method, path in ACT
    ]
    asked = range(0, HOURS * 3600, NEWS_EVERY)
    found += [(second + tab, "GET", "/notifications/news") for second in asked for tab in range(TABS)]
    return sorted(found)


def count(app, store, requests):
    """How many requests of each group were allowed and refused."""
    adapter, found = app.url_map.bind(""), Counter()
    for second, method, path in requests:
        clock.start_at(MORNING + timedelta(seconds=second))
        endpoint, _arguments = adapter.match(path, method)
        group = group_of(app.view_functions[endpoint], method)
        is_refused = store.seconds_to_wait(group.value, "member 1") > 0
        found[group.value, is_refused] += 1
    return found


@pytest.fixture(autouse=True)
def _reset():
    yield
    clock.reset()


def test_a_fast_consultant_meets_no_limit_in_a_day(app, store):
    requests = requests_of_a_day()

    found = count(app, store, requests)

    assert [key for key in found if key[1]] == []
    assert found["write", False] == ACTS
    assert found["search", False] == 3 * ACTS
    assert sum(found.values()) == len(requests) > 15_000


def test_a_script_that_saves_twice_a_second_does(app, store):
    found = count(app, store, [(second / 2, "POST", "/follow-ups/1/result") for second in range(600)])

    # Five minutes of sixty, and not one more.
    assert (found["write", False], found["write", True]) == (300, 300)
