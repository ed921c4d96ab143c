"""Customers for the cells of merge and erasing: two that are one already, and one without open work."""

from __future__ import annotations

from typing import Any

from app.lib.clock import now
from app.services.merge.merge import Wish, merge_customers
from tests import factories


def add_merge_and_erasable(word: str, owner_id: int) -> dict[str, int]:
    """The keys of a merge, of its survivor and of a customer that can be erased, and the end of this one's number."""
    survivor, other, quiet = (_customer(f"{word} {number}", owner_id) for number in (4, 5, 6))
    act = merge_customers(Wish({each.id: each.row_version for each in (survivor, other)}, {}), at=now())
    return {
        "merge": act.id,
        "survivor": act.survivor_id,
        "erasable": quiet.id,
        "digits": int(quiet.mobile[-4:]),
    }


def _customer(name: str, owner_id: int) -> Any:
    return factories.CustomerFactory(last_name=name, created_by_id=owner_id)
