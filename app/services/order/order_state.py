"""The state of an order while it is decided again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.services.order.repeat import Earlier
from models.order import OrderStatus, RepeatDecision


@dataclass
class OrderState:
    """The state of an order that is not deleted; rules change it before it is written."""

    id: int
    customer_id: int
    product_id: int
    ordered_at: datetime
    status: OrderStatus
    is_repeat: bool
    repeat_of_id: int | None
    decision: RepeatDecision | None
    has_follow_up: bool
    itself: Earlier = field(init=False)

    def __post_init__(self) -> None:
        self.itself = Earlier(self.ordered_at, self.is_repeat, self.id)

    @property
    def pair(self) -> tuple[int, int]:
        return self.customer_id, self.product_id

    @property
    def values(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "is_repeat": self.is_repeat,
            "repeat_of_id": self.repeat_of_id,
            "repeat_decision": self.decision,
        }

    @property
    def is_untouched(self) -> bool:
        return self.status is OrderStatus.NEW and not self.has_follow_up
