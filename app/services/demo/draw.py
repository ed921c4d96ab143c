"""The random generator of the demo, with unique mobile numbers and national IDs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from app.services.demo.moments import Calendar

# The first digits of Iranian mobile numbers after the nine, the commonest operators more often.
_PREFIXES = ("12", "12", "12", "35", "35", "36", "19", "10", "01", "33", "37", "38", "02", "13", "15", "17")


@dataclass(frozen=True)
class Draw:
    """A seeded random generator, the reference time of all dates, and unique mobiles."""

    random: random.Random
    start: datetime
    mobiles: Iterator[str] = field(init=False)
    calendar: Calendar = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mobiles", _mobiles(self.random))
        object.__setattr__(self, "calendar", Calendar(self.random, self.start))


def _mobiles(generator: random.Random) -> Iterator[str]:
    """Iranian mobile numbers in a scattered order, each once, without storing them."""
    most = len(_PREFIXES) * 10**7
    number, step = generator.randrange(most), 10 * generator.randrange(most // 10) + 3
    seen: set[str] = set()
    while True:
        # A step coprime to the number of mobiles visits each of them before any repeats.
        number = (number + step) % most
        mobile = f"+989{_PREFIXES[number // 10**7]}{number % 10**7:07d}"
        # Prefixes that are listed several times have the same numbers.
        if mobile not in seen:
            seen.add(mobile)
            yield mobile


def national_id(generator: random.Random) -> str:
    """The digits of a person's national ID with their check digit."""
    digits = [generator.randrange(10) for _ in range(9)]
    rest = sum(digit * (10 - place) for place, digit in enumerate(digits)) % 11
    return "".join(map(str, [*digits, rest if rest < 2 else 11 - rest]))
