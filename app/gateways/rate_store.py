"""Counters of requests in Redis, or in the memory of the process."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Collection, Mapping

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

_log = logging.getLogger(__name__)
# Seconds without counting after an error, so that requests do not wait for an unreachable server one by one.
PAUSE = 15.0
_TIMEOUT = 0.3
# Seconds between two removals of expired counters from memory.
_REMOVAL_PAUSE = 10.0


class RateStore:
    """Counts requests in moving windows. While Redis is unreachable, every request is allowed."""

    def __init__(self, url: str, rates: Mapping[str, str], *, apart: Collection[str] = ()) -> None:
        """*rates* has texts such as ``60/minute`` by name.

        Each process counts by itself without *url*, and always the names in *apart*.
        """
        self._rates = {name: parse(text) for name, text in rates.items()}
        self._storage = _storage(url)
        self._windows = MovingWindowRateLimiter(self._storage)
        self._here = _MemoryCounters() if url else self._storage
        self._apart = dict.fromkeys(apart, MovingWindowRateLimiter(self._here))
        self._rests_until = 0.0

    def seconds_to_wait(self, name: str, key: str, times: int = 1) -> int:
        """Count a request of *key*; returns 0 if it is allowed. *times* multiplies the rate *name*."""
        windows = self._apart.get(name, self._windows)
        if windows is self._windows and time.monotonic() < self._rests_until:
            return 0
        rate = _multiplied(self._rates[name], times)
        try:
            if windows.hit(rate, name, key):
                return 0
            reset = windows.get_window_stats(rate, name, key).reset_time
        except RedisError:
            self._rests_until = time.monotonic() + PAUSE
            _log.warning(
                "Requests are not counted for %d seconds: Redis is unreachable", PAUSE, exc_info=True
            )
            return 0
        return max(1, math.ceil(reset - time.time()))

    def forget(self) -> None:
        """Delete all counters."""
        self._storage.reset()
        self._here.reset()
        self._rests_until = 0.0


def _storage(url: str) -> MemoryStorage | RedisStorage:
    return (
        RedisStorage(url, socket_connect_timeout=_TIMEOUT, socket_timeout=_TIMEOUT)
        if url
        else _MemoryCounters()
    )


class _MemoryCounters(MemoryStorage):
    """Counters in memory that remove the expired ones every few seconds.

    The library starts a thread for it 10 ms after nearly every request, which costs more than the count itself.
    """

    @property
    def timer(self) -> threading.Timer:
        return self._removal

    @timer.setter
    def timer(self, timer: threading.Timer) -> None:
        timer.interval, timer.daemon = _REMOVAL_PAUSE, True
        self._removal = timer


def _multiplied(rate: RateLimitItem, times: int) -> RateLimitItem:
    return type(rate)(rate.amount * times, rate.multiples, rate.namespace)
