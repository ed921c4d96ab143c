"""Which orders are repeats once their customers are one, and again when the merge is undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Enum, and_, inspect, or_, select, update
from sqlalchemy.orm import aliased

from app.extensions import db
from app.services.audit.record import note
from app.services.merge.moves import Moves
from app.services.order.originals import decide_joined, decide_originals
from models.audit.values import plain
from models.customer_merge import CustomerMerge, MergedRow
from models.order import Order
from models.types import UtcDateTime

DECISIONS = "decisions"
_COLUMNS = (
    "status",
    "is_repeat",
    "repeat_of_id",
    "repeat_reason",
    "repeat_decision",
    "decided_by_id",
    "decided_at",
    "decided_from",
)


def join_repeats(moves: Moves) -> None:
    """Decide the orders of products that more than one of the customers ordered; remembers what changed."""
    came_from = _former_customers(moves)
    mine = Order.customer_id == moves.survivor_id
    products: dict[int, set[int]] = {}
    keys: dict[int, list[int]] = {}
    for key, product_id in db.session.execute(select(Order.id, Order.product_id).where(mine)):
        products.setdefault(product_id, set()).add(came_from.get(key, moves.survivor_id))
        keys.setdefault(product_id, []).append(key)
    shared = sorted(
        key for product_id, whose in products.items() if len(whose) > 1 for key in keys[product_id]
    )
    if not shared:
        return
    before = _decisions(shared)
    decide_joined(shared)
    for key, after in _decisions(shared).items():
        if after != before[key]:
            customer_id = came_from.get(key, moves.survivor_id)
            moves.note(DECISIONS, key, customer_id, before=before[key], after=after)


def _former_customers(moves: Moves) -> dict[int, int]:
    statement = select(MergedRow.row_id, MergedRow.customer_id).where(
        MergedRow.merge_id == moves.act.id, MergedRow.relation == Order.__tablename__
    )
    return dict(db.session.execute(statement).all())


def _decisions(keys: Sequence[int]) -> dict[int, dict[str, Any]]:
    columns = [getattr(Order, name) for name in _COLUMNS]
    statement = select(Order.id, *columns).where(Order.id.in_(keys))
    return {
        key: {name: plain(value) for name, value in zip(_COLUMNS, values, strict=True)}
        for key, *values in db.session.execute(statement)
    }


def part_repeats(act: CustomerMerge, customer_ids: Sequence[int]) -> int:
    """Restore the decisions that the merge changed, and decide later orders anew; returns how many stayed."""
    statement = select(MergedRow).where(MergedRow.merge_id == act.id, MergedRow.relation == DECISIONS)
    noted = {each.row_id: each for each in db.session.scalars(statement)}
    present = _decisions(list(noted))
    stayed = 0
    for key, each in noted.items():
        if present.get(key) == each.after and each.before is not None:
            values = {name: _stored(name, value) for name, value in each.before.items()}
            restore = update(Order).where(Order.id == key).values(values)
            db.session.execute(restore.execution_options(synchronize_session=False))
            note("undo merge", Order, key, before=each.after, after=each.before)
        elif key in present:
            stayed += 1
    original = aliased(Order)
    # An original may have been deleted while the customers were one.
    is_lost = and_(Order.is_repeat, or_(original.id.is_(None), original.deleted_at.is_not(None)))
    parted = (
        select(Order.id)
        .outerjoin(original, original.id == Order.repeat_of_id)
        .where(
            Order.customer_id.in_(customer_ids),
            Order.repeat_of_id.is_not(None),
            or_(is_lost, Order.customer_id != original.customer_id),
        )
    )
    decide_originals(list(db.session.scalars(parted)), False)
    return stayed


def _stored(name: str, value: Any) -> Any:
    """The value of a column from its JSON."""
    kind = inspect(Order).columns[name].type
    if value is None:
        return None
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    return datetime.fromisoformat(value) if isinstance(kind, UtcDateTime) else value
