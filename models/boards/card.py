"""Rows that are cards of a board: their column, and their place in it."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Connection, event, inspect, select
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from app.lib.position import key_between
from models.types import PositionKey


class BoardCard:
    """A card of a board, whose column is the value of `__lane__`.

    `position` orders the cards of a column. A row that is added, or that gets another column in a form, comes first there.
    """

    __lane__: ClassVar[str]

    position: Mapped[str] = mapped_column(PositionKey, default=lambda: key_between(None, None))


@event.listens_for(BoardCard, "before_insert", propagate=True)
@event.listens_for(BoardCard, "before_update", propagate=True)
def _come_first(mapper: Mapper[Any], connection: Connection, row: Any) -> None:
    """Place a row before all others of its column, unless it is given a place."""
    history = {name: inspect(row).attrs[name].history for name in (row.__lane__, "position")}
    is_new = not inspect(row).has_identity
    if history["position"].added or not (is_new or history[row.__lane__].has_changes()):
        return
    table: Any = mapper.local_table.c
    lane = getattr(row, row.__lane__)
    if lane is None:
        lane = table[row.__lane__].default.arg
    cards = select(table.position).where(
        table.organization_id == row.organization_id, table[row.__lane__] == lane, table.deleted_at.is_(None)
    )
    first = connection.scalar(cards.order_by(table.position, table.id).limit(1))
    row.position = key_between(None, first)
