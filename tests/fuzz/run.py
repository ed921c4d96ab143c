"""Runs one target with new inputs until its time is over."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, Phase, Verbosity, given, settings

from tests.fuzz.targets import Target

_ROUND = 500


def fuzz(target: Target, seconds: float) -> int:
    """The number of inputs that *target* took; raises with the smallest input that it must not raise for."""
    count, until = 0, time.monotonic() + seconds

    def check(value: object) -> None:
        nonlocal count
        count += 1
        try:
            target.call(value)
        except target.errors:
            return

    for value in target.seeds:
        check(value)
    explore = settings(
        max_examples=_ROUND,
        deadline=None,
        database=None,
        derandomize=False,
        verbosity=Verbosity.normal,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )(given(target.values)(check))
    while time.monotonic() < until:
        explore()
    return count
