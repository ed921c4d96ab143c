"""Counters of requests: in memory, in Redis for all processes, and without Redis."""

import logging
import threading
import time

import pytest
from redis import Redis

from app.gateways import rate_store
from app.gateways.rate_store import RateStore
from tests.support.broker import valkey_server

RATES = {"list": "3/minute", "export": "1/hour"}


@pytest.fixture(scope="module")
def server():
    with valkey_server() as url:
        yield url


@pytest.fixture(params=["memory", "redis"])
def url(request, server):
    if request.param == "memory":
        return ""
    Redis.from_url(server).flushdb()
    return server


def waits(store, name, key, tries, times=1):
    return [store.seconds_to_wait(name, key, times) for _each in range(tries)]


def test_a_key_waits_until_its_oldest_request_is_a_minute_old(url):
    allowed, refused = waits(RateStore(url, RATES), "list", "member 1", 4)[2:]

    assert allowed == 0
    assert 55 < refused <= 60


def test_other_keys_and_other_names_go_on(url):
    store = RateStore(url, RATES)
    waits(store, "list", "member 1", 4)

    assert waits(store, "list", "member 2", 3) == [0, 0, 0]
    assert waits(store, "export", "member 1", 1) == [0]


def test_a_factor_allows_as_many_times_more(url):
    assert waits(RateStore(url, RATES), "list", "address 192.0.2.1", 7, times=2)[:6] == [0] * 6


def test_refused_requests_do_not_prolong_the_wait(url):
    store = RateStore(url, RATES)

    assert max(waits(store, "list", "member 1", 40)) <= 60


def test_counters_in_memory_share_one_thread_that_ends_with_the_process():
    before = set(threading.enumerate())
    store = RateStore("", RATES)
    for number in range(20):
        waits(store, "list", f"member {number}", 2)

    [removal] = set(threading.enumerate()) - before
    assert removal.daemon


def test_expired_counters_leave_memory_and_others_stay(monkeypatch):
    monkeypatch.setattr(rate_store, "_REMOVAL_PAUSE", 0.01)
    store = RateStore("", {"short": "1/second", "long": "1/hour"})
    waits(store, "short", "expired", 1)
    waits(store, "long", "waiting", 1)

    def counted(key):
        # Each further request starts the removal.
        waits(store, "long", "other", 1)
        return any(entries for name, entries in store._storage.events.items() if key in name)

    deadline = time.monotonic() + 20
    while counted("expired") and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    assert not counted("expired")
    assert counted("waiting")


def test_forgotten_counters_begin_anew(url):
    store = RateStore(url, RATES)
    waits(store, "list", "member 1", 4)

    store.forget()

    assert waits(store, "list", "member 1", 1) == [0]


def test_two_processes_count_together_in_redis_and_alone_in_memory(server):
    Redis.from_url(server).flushdb()
    together = [RateStore(server, RATES), RateStore(server, RATES)]
    alone = [RateStore("", RATES), RateStore("", RATES)]

    assert [bool(waits(store, "export", "member 1", 1)[0]) for store in together] == [False, True]
    assert [bool(waits(store, "export", "member 1", 1)[0]) for store in alone] == [False, False]


def test_a_name_apart_is_counted_by_each_process_also_while_redis_is_away(server):
    Redis.from_url(server).flushdb()
    apart = [RateStore(server, RATES, apart=["export"]) for _ in range(2)]
    assert [waits(store, "export", "member 1", 1) for store in apart] == [[0], [0]]
    # The other name is counted for both.
    assert waits(apart[0], "list", "member 1", 2) == [0, 0]
    assert waits(apart[1], "list", "member 1", 2)[1] > 0
    assert Redis.from_url(server).keys("*export*") == []
    apart[0]._rests_until = rate_store.time.monotonic() + rate_store.PAUSE
    assert waits(apart[0], "export", "member 1", 1)[0] > 0
    apart[0].forget()
    assert waits(apart[0], "export", "member 1", 1) == [0]


def test_nothing_is_refused_while_redis_is_away_and_it_is_logged_once(caplog):
    with valkey_server() as url:
        store = RateStore(url, RATES)
        assert waits(store, "export", "member 1", 2)[1] > 0

    with caplog.at_level(logging.WARNING, logger=rate_store.__name__):
        assert waits(store, "export", "member 1", 5) == [0] * 5

    assert len(caplog.records) == 1


def test_counting_goes_on_when_redis_is_back(server, monkeypatch):
    Redis.from_url(server).flushdb()
    store = RateStore(server, RATES)
    waits(store, "export", "member 1", 1)
    # As after an error: it rests, and then asks the server again.
    store._rests_until = rate_store.time.monotonic() + rate_store.PAUSE
    assert waits(store, "export", "member 1", 1) == [0]

    store._rests_until = 0.0

    assert waits(store, "export", "member 1", 1)[0] > 0


def test_an_app_starts_while_redis_is_away():
    store = RateStore("redis://127.0.0.1:1/0", RATES)

    assert waits(store, "export", "member 1", 3) == [0, 0, 0]
