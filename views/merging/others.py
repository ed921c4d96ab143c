"""The customers that one customer may be merged with, found by name or number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Select

from app.extensions import db
from app.panel.bulk.ticked import NAME
from app.panel.queries.search import matching
from models.customer import Customer

SIZE = 20


@dataclass(frozen=True)
class Others:
    """The customers that were found; *has_more* says that the search finds still more of them."""

    people: Sequence[Customer]
    has_more: bool = False


def find_others(statement: Select[Any], customer: Customer, text: str) -> Others:
    """The newest customers of *statement* that match *text*, without *customer*."""
    condition = matching(Customer, text)
    if condition is None:
        return Others(())
    others = condition.narrow(statement).where(Customer.id != customer.id)
    found = db.session.scalars(others.order_by(Customer.id.desc()).limit(SIZE + 1)).all()
    return Others(found[:SIZE], len(found) > SIZE)


def comparison_query(*keys: int) -> str:
    """The arguments of the page that compares the customers *keys*."""
    return urlencode([(NAME, key) for key in keys])
