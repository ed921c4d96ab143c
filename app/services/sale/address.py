"""Addresses that are written with a sale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.extensions import db
from models.child.one_flag import lock_parents, settle_flag
from models.customer import Address


def add_address(customer_id: int, fields: Mapping[str, Any]) -> Address:
    """A new address of the customer; the first becomes the default."""
    session = db.session()
    lock_parents(session, Address, Address.__flag_of__, [customer_id])
    address = Address(customer_id=customer_id, **fields)
    session.add(address)
    session.flush()
    settle_flag(session, Address, customer_id)
    return address


def default_address(customer_id: int) -> Address | None:
    statement = select(Address).where(Address.customer_id == customer_id, Address.is_default)
    return db.session.scalar(statement)
