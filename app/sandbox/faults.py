"""Which failure strikes a call: the one asked for by header or number, the next in line, or one by chance."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from threading import Lock
from typing import Any

from app.sandbox.settings import Control, Mode

HEADER = "X-Sandbox-Mode"
# Numbers that no operator gives out: a failure each.
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
    """Holds the switches, and throws the dice for all calls alike."""

    def __init__(self, control: Control) -> None:
        self._lock = Lock()
        self.set(control)

    def set(self, control: Control) -> None:
        with self._lock:
            self.control = control
            self._dice = random.Random(control.seed)  # noqa: S311 - failures have to be repeatable, not secret

    def now(self) -> float:
        """The time, which may have been pushed forward."""
        return time.time() + self.control.clock_offset

    def mode(self, headers: Mapping[str, str], receptors: Sequence[str]) -> Mode:
        asked = headers.get(HEADER, "")
        if asked in set(Mode):
            return Mode(asked)
        by_number = next((_BY_NUMBER[each] for each in receptors if each in _BY_NUMBER), None)
        return by_number or self._next() or self._by_chance()

    def chance(self, share: float) -> bool:
        with self._lock:
            return share > 0 and self._dice.random() < share

    def shuffled(self, rows: Sequence[Any]) -> list[Any]:
        with self._lock:
            return self._dice.sample(rows, len(rows))

    def rejects(self, receptor: str) -> bool:
        """Whether *receptor* is among the share of bad numbers: the same one always is."""
        digest = blake2b(f"{self.control.seed}:{receptor}".encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") / 2**32 < self.control.reject_numbers

    def _next(self) -> Mode | None:
        with self._lock:
            if not self.control.next:
                return None
            first, *rest = self.control.next
            self.control = replace(self.control, next=tuple(rest))
            return Mode(first)

    def _by_chance(self) -> Mode:
        with self._lock:
            left = self._dice.random()
        for name, share in self.control.shares.items():
            left -= share
            if left < 0:
                return Mode(name)
        return Mode.NORMAL
