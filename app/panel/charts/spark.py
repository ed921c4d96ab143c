"""The small chart beside a number; readers of screens get the words of the number instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 88.0, 30.0
_GAP, _MARGIN = 1.6, 2.0


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    is_last: bool


@dataclass(frozen=True)
class Spark:
    """Bars, or the points of a line."""

    bars: tuple[Bar, ...] = ()
    points: tuple[tuple[float, float], ...] = ()


def spark_bars(values: Sequence[int]) -> Spark | None:
    """One bar for each of *values*, the last one emphasized; None without any value."""
    most = max(values, default=0)
    if most <= 0:
        return None
    step = WIDTH / len(values)
    bars = []
    for number, value in enumerate(values):
        height = round((HEIGHT - _MARGIN) * value / most, 1)
        x, y = round(step * number, 1), round(HEIGHT - height, 1)
        bars.append(Bar(x, y, round(step - _GAP, 1), height, is_last=number == len(values) - 1))
    return Spark(bars=tuple(bars))


def spark_line(values: Sequence[float | None]) -> Spark | None:
    """A line through *values*, without those that are unknown; None with fewer than two."""
    known = [(number, value) for number, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    numbers = [value for _number, value in known]
    least, most = min(numbers), max(numbers)
    span, step = (most - least) or 1.0, (WIDTH - 2 * _MARGIN) / (len(values) - 1)
    height = HEIGHT - 3 * _MARGIN
    points = [
        (round(_MARGIN + step * number, 1), round(HEIGHT - 2 * _MARGIN - height * (value - least) / span, 1))
        for number, value in known
    ]
    return Spark(points=tuple(points))
