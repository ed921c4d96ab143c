"""The position of a row in an order by hand (`order_column`)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.panel.declaration import Declaration

# The distance between two positions.
STEP = 10


def place_last(section: Declaration, item: Any) -> None:
    """Give the new row *item* the position after all others of its group."""
    name, within = section.order_column, section.order_within
    if name is None:
        return
    last = select(func.max(getattr(section.model, name)))
    if within is not None:
        last = last.where(getattr(section.model, within) == getattr(item, within))
    setattr(item, name, (db.session.scalar(last) or 0) + STEP)
