"""A pause of the cyclic garbage collector, for code that makes many rows and no cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class _Pauses:
    """The pauses of all threads: the collector runs again after the last one."""

    def __init__(self) -> None:
        self._lock, self._count, self._was_enabled = Lock(), 0, False

    def begin(self) -> None:
        with self._lock:
            if not self._count:
                self._was_enabled = gc.isenabled()
                gc.disable()
            self._count += 1

    def end(self) -> None:
        with self._lock:
            self._count -= 1
            if not self._count and self._was_enabled:
                gc.enable()


_PAUSES = _Pauses()


@contextmanager
def paused_collector() -> Iterator[None]:
    """No collection in the process until the block ends: each would look at all rows that were made so far."""
    _PAUSES.begin()
    try:
        yield
    finally:
        _PAUSES.end()
