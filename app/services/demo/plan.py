"""The work on one order of the demo: the follow-up with its results, from the assignment to the last contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any

from app.services.demo.moments import Calendar
from app.services.demo.names import RESULT_NOTES, Weighted
from models.follow_up import FollowUpStatus
from models.order import OrderStatus
from models.result_title import ResultKind

# After so many days the work on an order has ended, as a rule.
_ENDED_AFTER = timedelta(days=40)
_NEW_FOR = timedelta(days=10)
_STAYS_NEW = 0.4
# How often the consultants sell, each in turn: some are better at it.
_WINS = (24, 14)
_ENDS: tuple[Weighted[ResultKind | None], ...] = tuple(
    Weighted([(ResultKind.LOST, 78 - won), (ResultKind.WON, won), (ResultKind.INVALID, 12), (None, 4)])
    for won in _WINS
)
_RECENT: Weighted[ResultKind | None] = Weighted(
    [(None, 80), (ResultKind.LOST, 10), (ResultKind.INVALID, 5), (ResultKind.WON, 5)]
)
_OPEN = Weighted([(ResultKind.UNREACHABLE, 40), (ResultKind.CALLBACK, 35), (ResultKind.OPEN, 25)])
_CALLS = Weighted([(1, 60), (2, 27), (3, 10), (4, 3)])
_STATES = {
    ResultKind.WON: (FollowUpStatus.WON, OrderStatus.WON),
    ResultKind.LOST: (FollowUpStatus.LOST, OrderStatus.LOST),
    ResultKind.INVALID: (FollowUpStatus.INVALID, OrderStatus.INVALID),
}
Titles = Sequence[tuple[int, ResultKind]]


@dataclass(slots=True)
class Plan:
    """The values of a follow-up and of its results, without the keys of their parents."""

    assigned_at: datetime
    follow_up: dict[str, Any]
    order_status: OrderStatus = OrderStatus.ASSIGNED
    entries: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Planner:
    """Draws the work of the *consultants* of an organisation; without *titles* none of it has begun."""

    random: Random
    calendar: Calendar
    titles: Titles = ()
    consultants: Sequence[int] = ()

    @cached_property
    def _keys(self) -> dict[ResultKind, list[int]]:
        """The keys of the titles of each kind."""
        return {kind: [key for key, each in self.titles if each is kind] for kind in ResultKind}

    def plan(self, ordered_at: datetime, consultant: int, *, stays_open: bool = False) -> Plan:
        """The work of *consultant* on an order."""
        assigned_at = ordered_at + timedelta(minutes=self.random.randrange(1, 40))
        plan = Plan(assigned_at, _untouched(consultant))
        age = self.calendar.age_of(ordered_at)
        if not self.titles or (age < _NEW_FOR and self.random.random() < _STAYS_NEW):
            return plan
        ends = _ENDS[self.consultants.index(consultant) % len(_ENDS)] if age > _ENDED_AFTER else _RECENT
        end = ends.pick(self.random)
        kinds: list[ResultKind] = [_OPEN.pick(self.random) for _ in range(_CALLS.pick(self.random))]
        if end is not None and not stays_open:
            kinds[-1] = end
        self._call(plan, kinds)
        return plan

    def _call(self, plan: Plan, kinds: Sequence[ResultKind]) -> None:
        """Add a result for each of *kinds*, as far as its time has come."""
        at: datetime | None = plan.assigned_at
        for number, kind in enumerate(kinds):
            at = self.calendar.call(at, most_days=1 if number == 0 else 8) if at is not None else None
            if at is None:
                break
            self._append(plan, at, kind, is_last=number == len(kinds) - 1)

    def _append(self, plan: Plan, at: datetime, kind: ResultKind, *, is_last: bool) -> None:
        row, closes = plan.follow_up, kind in _STATES
        status, plan.order_status = _STATES.get(kind, (FollowUpStatus.WAITING, OrderStatus.ASSIGNED))
        key = self.random.choice(self._keys[kind])
        ahead = self.calendar.next_contact() if is_last else at + timedelta(days=1)
        next_at = None if closes else ahead
        row["status"], row["last_result_id"] = status, key
        row["last_entry_at"], row["next_at"] = at, next_at
        row["first_contact_at"] = row["first_contact_at"] or at
        row["attempts"] += 1
        row["closed_at"] = at if closes else None
        plan.entries.append(
            {
                "result_title_id": key,
                "at": at,
                "by_id": row["consultant_id"],
                "next_at": next_at,
                "note": RESULT_NOTES[kind].pick(self.random),
            }
        )


def _untouched(consultant: int) -> dict[str, Any]:
    return {
        "consultant_id": consultant,
        "status": FollowUpStatus.OPEN,
        "last_result_id": None,
        "next_at": None,
        "attempts": 0,
        "first_contact_at": None,
        "last_entry_at": None,
        "closed_at": None,
    }
