"""Orders as they arrive, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.errors import DomainError
from app.services.order.repeat import Earlier
from models.order import OrderStatus


class BadMobile(DomainError):
    """The customer's mobile number is invalid."""


@dataclass(frozen=True)
class NewOrder:
    """An order to be placed; `customer` has the canonical mobile and other fields of the customer."""

    customer: Mapping[str, Any]
    product_id: int
    ordered_at: datetime
    quantity: int = 1
    note: str | None = None
    reference: str | None = None
    address: Mapping[str, Any] | None = None


@dataclass
class PlacedOrder:
    """An order that has been written."""

    id: int
    customer_id: int
    product_id: int
    repeats: Earlier | None
    status: OrderStatus


@dataclass(frozen=True)
class Placed:
    orders: Sequence[PlacedOrder]
    new_customers: int = 0

    @property
    def repeated(self) -> int:
        return sum(1 for order in self.orders if order.repeats)
