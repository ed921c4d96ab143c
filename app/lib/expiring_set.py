"""Facts that hold for a while: a process remembers them, and forgets them by itself."""

from collections.abc import Hashable
from time import monotonic


class Held:
    """At most *most* facts, each for *seconds*; safe between threads, as every step is one of a dictionary."""

    def __init__(self, *, seconds: float, most: int) -> None:
        self._seconds, self._most = seconds, most
        self._until: dict[Hashable, float] = {}

    def hold(self, fact: Hashable) -> None:
        if len(self._until) >= self._most:
            self._until.clear()
        self._until[fact] = monotonic() + self._seconds

    def is_held(self, fact: Hashable) -> bool:
        until = self._until.get(fact)
        return until is not None and monotonic() < until

    def clear(self) -> None:
        self._until.clear()
