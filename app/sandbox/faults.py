"""Chooses the failure of a call: by header, by phone number, from the queue, or at random."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from threading import Lock
from typing import Any

from app.sandbox.settings import Mode, Settings

HEADER = "X-Sandbox-Mode"
# Numbers that no operator assigns; each triggers one failure.
_BY_NUMBER = {
    "09000000500": Mode.ERROR,
    "09000000429": Mode.BUSY,
    "09000000409": Mode.BUSY_409,
    "09000000418": Mode.NO_CREDIT,
    "09000000408": Mode.SILENT,
    "09000000104": Mode.RESET,
    "09000000502": Mode.BAD_GATEWAY,
    "09000000200": Mode.HTML,
    "09000000206": Mode.PARTIAL,
}


class Faults:
    """The current settings and one random generator for all calls."""

    def __init__(self, settings: Settings) -> None:
        self._lock = Lock()
        self.set(settings)

    def set(self, settings: Settings) -> None:
        with self._lock:
            self.settings = settings
            self._random = random.Random(settings.seed)  # noqa: S311 - failures have to be repeatable, not secret

    def now(self) -> float:
        """Seconds since the epoch, plus the configured clock offset."""
        return time.time() + self.settings.clock_offset

    def mode(self, headers: Mapping[str, str], receptors: Sequence[str]) -> Mode:
        """The failure of one call: header first, then number, then queue, then chance."""
        requested = headers.get(HEADER, "")
        if requested in set(Mode):
            return Mode(requested)
        by_number = next((_BY_NUMBER[each] for each in receptors if each in _BY_NUMBER), None)
        return by_number or self._next() or self._by_chance()

    def chance(self, share: float) -> bool:
        with self._lock:
            return share > 0 and self._random.random() < share

    def shuffled(self, rows: Sequence[Any]) -> list[Any]:
        with self._lock:
            return self._random.sample(rows, len(rows))

    def rejects(self, receptor: str) -> bool:
        """Whether *receptor* belongs to the share of rejected numbers; stable for one seed."""
        digest = blake2b(f"{self.settings.seed}:{receptor}".encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") / 2**32 < self.settings.reject_numbers

    def _next(self) -> Mode | None:
        with self._lock:
            if not self.settings.next:
                return None
            first, *rest = self.settings.next
            self.settings = replace(self.settings, next=tuple(rest))
            return Mode(first)

    def _by_chance(self) -> Mode:
        with self._lock:
            left = self._random.random()
        for name, share in self.settings.shares.items():
            left -= share
            if left < 0:
                return Mode(name)
        return Mode.NORMAL
