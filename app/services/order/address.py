"""Addresses that come with orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.services.bulk import among, insert_all
from models.customer import Address


def add_missing_addresses(given: Iterable[tuple[int, Mapping[str, Any] | None]]) -> None:
    """Add the first address given for each customer without one; the rows of the customers are locked."""
    first: dict[int, Mapping[str, Any]] = {}
    for customer_id, address in given:
        if address:
            first.setdefault(customer_id, address)
    if not first:
        return
    statement = select(Address.customer_id).where(among(Address.customer_id, first)).distinct()
    known = set(db.session.scalars(statement))
    rows = [
        {**address, "customer_id": key, "is_default": True}
        for key, address in first.items()
        if key not in known
    ]
    insert_all(Address, rows)
