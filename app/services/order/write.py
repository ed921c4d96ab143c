"""Writes the rows of placed orders, with their addresses and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, update

from app.extensions import db
from app.lib.clock import now
from app.services.audit.record import is_muted, note
from app.services.bulk import insert_keyed
from app.services.order.customer import UpsertedCustomer
from app.services.order.new_order import NewOrder, PlacedOrder
from app.services.order.repeat import Earlier, consultants_of
from models.customer import Customer
from models.order import Order, OrderStatus, RepeatDecision, RepeatReason


@dataclass
class Decided:
    new: NewOrder
    customer_id: int
    repeats: Earlier | None
    status: OrderStatus
    names_former_mobile: bool = False
    itself: Earlier = field(init=False)

    def __post_init__(self) -> None:
        self.itself = Earlier(self.new.ordered_at, is_repeat=self.repeats is not None)


def write_orders(decided: Sequence[Decided], common: dict[str, Any]) -> list[PlacedOrder]:
    held = [each.repeats.id for each in decided if each.status is OrderStatus.HELD and each.repeats]
    firsts = {key for key in held if key is not None}
    consultants = consultants_of(firsts) if firsts else {}
    keys = insert_keyed(Order, [_row(each) | common | _arrival(each, consultants) for each in decided])
    linked = {}
    for key, each in zip(keys, decided, strict=True):
        each.itself.id = key
        if each.repeats is not None:
            linked[key] = each.repeats.id
    if linked:
        # Originals of the same batch have no id before the INSERT, so all links are written afterwards.
        statement = (
            update(Order).where(Order.id.in_(linked)).values(repeat_of_id=case(linked, value=Order.id))
        )
        db.session.execute(statement.execution_options(synchronize_session=False))
    return [
        PlacedOrder(key, each.customer_id, each.new.product_id, each.repeats, each.status)
        for key, each in zip(keys, decided, strict=True)
    ]


def _arrival(decided: Decided, consultants: Mapping[int, int]) -> dict[str, Any]:
    """What reports count of a held repeat; *consultants* work on the first orders."""
    is_held, first = decided.status is OrderStatus.HELD, decided.repeats and decided.repeats.id
    return {
        "held_at": now() if is_held else None,
        "held_for_id": consultants.get(first) if is_held and first else None,
    }


def _row(decided: Decided) -> dict[str, Any]:
    new, is_attached = decided.new, decided.status is OrderStatus.ATTACHED
    return {
        "customer_id": decided.customer_id,
        "product_id": new.product_id,
        "placed_with": new.customer["mobile"] if decided.names_former_mobile else None,
        "quantity": new.quantity,
        "note": new.note,
        "ordered_at": new.ordered_at,
        "reference": new.reference,
        "status": decided.status,
        "is_repeat": decided.repeats is not None,
        "repeat_reason": RepeatReason.WITHIN_WINDOW if decided.repeats else None,
        "repeat_decision": RepeatDecision.ATTACHED if is_attached else None,
        "decided_at": now() if is_attached else None,
    }


def record_orders(
    decided: Sequence[Decided], placed: Sequence[PlacedOrder], customers: Mapping[str, UpsertedCustomer]
) -> None:
    if is_muted():
        return
    for each, order in zip(decided, placed, strict=True):
        note("add", Order, order.id, after=_row(each))
    fields = {each.new.customer["mobile"]: each.new.customer for each in decided}
    for mobile, found in customers.items():
        if found.is_new:
            note("add", Customer, found.id, after=fields[mobile])
