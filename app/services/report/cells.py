"""The names of cells: «state-open.member-5» names the open numbers of a member.

The figure of a cell and its rows use the same conditions, so that they can't differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.services.report.numbers import Number, State

# More calls count as this many.
MOST_CALLS = 5
Key = int | str

AXES: Mapping[str, Callable[[Number], Key]] = {
    "state": lambda number: number.state.value,
    "result": lambda number: number.result_id,
    "member": lambda number: number.member_id,
    "week": lambda number: number.week,
    "month": lambda number: number.month,
    "calls": lambda number: min(number.calls, MOST_CALLS),
    "wait": lambda number: number.wait,
    "called": lambda number: int(number.calls > 0),
    "pending": lambda number: int(number.state in {State.OPEN, State.NEW}),
}
# The numbers that bought at most so many days after their assignment.
WITHIN = "within"


def name_of(**conditions: Key) -> str:
    """The name of the cell with these conditions; of all numbers without one."""
    return ".".join(f"{axis}-{value}" for axis, value in conditions.items())


def read_cell(name: str, axes: Sequence[str] = (*AXES, WITHIN)) -> dict[str, str] | None:
    """The conditions in *name*; None for a name that is none."""
    found: dict[str, str] = {}
    for part in name.split(".") if name else ():
        axis, _dash, value = part.partition("-")
        if axis not in axes or axis in found or not value or len(value) > 20:
            return None
        found[axis] = value
    return found


def fits(number: Number, conditions: Mapping[str, Any]) -> bool:
    """Whether *number* is one of the cell."""
    for axis, value in conditions.items():
        if axis == WITHIN:
            if number.bought_after is None or not value.isdecimal() or number.bought_after > int(value):
                return False
        elif str(AXES[axis](number)) != value:
            return False
    return True
