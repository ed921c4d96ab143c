"""A set whose members expire."""

from collections.abc import Hashable
from time import monotonic


class ExpiringSet:
    """At most *most* members, each for *seconds*; emptied when full.

    Safe between threads: each step is one operation of a dictionary.
    """

    def __init__(self, *, seconds: float, most: int) -> None:
        self._seconds, self._most = seconds, most
        self._expires: dict[Hashable, float] = {}

    def add(self, member: Hashable) -> None:
        if len(self._expires) >= self._most:
            self._expires.clear()
        self._expires[member] = monotonic() + self._seconds

    def __contains__(self, member: Hashable) -> bool:
        expires = self._expires.get(member)
        return expires is not None and monotonic() < expires

    def clear(self) -> None:
        self._expires.clear()
