"""Moves the rows of merged customers, and remembers each of them for the undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, insert, literal, select, update

from app.extensions import db
from app.services.audit.record import muted
from app.services.merge.relations import MOVED, Moved
from models.customer_merge import CustomerMerge, MergedRow
from models.follow_up import FollowUp
from models.order import Order
from models.tenancy.scope import actor_of

# No form shows whose row it is, and a message that a worker has loaded is written with the version that it read.
_QUIETLY = {"synchronize_session": False, "keeps_version": True, "with_deleted": True}


def lock_work(keys: Sequence[int]) -> None:
    """Lock the follow-ups and orders of the customers, in the sequence of those who register results."""
    for model in (FollowUp, Order):
        statement = select(model.id).where(model.customer_id.in_(keys)).order_by(model.id)
        locked = statement.with_for_update(of=model)
        db.session.execute(locked, execution_options={"with_deleted": True}).all()


@dataclass
class Moves:
    """The moves of one merge, from the customers *keys* to the survivor."""

    act: CustomerMerge
    survivor_id: int
    keys: Sequence[int]
    count: int = 0
    # The rows that were noted one by one, by the name of their table.
    noted: dict[str, list[int]] = field(default_factory=dict)

    def run(self) -> None:
        """Move all rows of all tables."""
        with muted():
            for each in MOVED:
                self._remember(each)
                moved = update(each.model).where(each.of(self.keys))
                self.count += _write(moved, each.model, {each.column: self.survivor_id})

    def note(
        self,
        relation: str,
        row_id: int,
        customer_id: int,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Remember one row with its values."""
        row = MergedRow(
            merge_id=self.act.id,
            relation=relation,
            row_id=row_id,
            customer_id=customer_id,
            before=before,
            after=after,
        )
        self.noted.setdefault(relation, []).append(row_id)
        with muted():
            db.session.add(row)

    def change(self, model: Any, keys: Sequence[int], values: dict[str, Any]) -> None:
        with muted():
            _write(update(model).where(model.id.in_(keys)), model, values)
        db.session.expire_all()

    def _remember(self, each: Moved) -> None:
        """Remember the rows that are about to move, without those that were noted."""
        model = each.model
        columns = ["organization_id", "merge_id", "relation", "row_id", "customer_id"]
        chosen = select(
            # A parameter, because the scope compares it with the organisation of the session.
            bindparam("organization_id", type_=Integer),
            literal(self.act.id, Integer),
            literal(each.name),
            model.id,
            each.key,
        ).where(each.of(self.keys), model.id.not_in(self.noted.get(each.name, [])))
        db.session.execute(
            insert(MergedRow).from_select(columns, chosen),
            {"organization_id": actor_of(db.session()).organization_id},
            execution_options={"dml_strategy": "raw", "synchronize_session": False},
        )


def move_back(each: Moved, act: CustomerMerge, customer_id: int) -> None:
    """Give the rows that a merge has moved from the customer back to them."""
    moved = select(MergedRow.row_id).where(
        MergedRow.merge_id == act.id, MergedRow.relation == each.name, MergedRow.customer_id == customer_id
    )
    take(each, each.model.id.in_(moved), act.survivor_id, customer_id)


def take(each: Moved, condition: ColumnElement[bool], survivor_id: int, customer_id: int) -> None:
    """Give the rows of the survivor that meet *condition* to the customer."""
    with muted():
        statement = update(each.model).where(each.of([survivor_id]), condition)
        _write(statement, each.model, {each.column: customer_id})


def _write(statement: Any, model: Any, values: dict[str, Any]) -> int:
    """Write *values*; the rows stay as old and as their forms show them."""
    if hasattr(model, "updated_at"):
        values = {**values, "updated_at": model.updated_at}
    result: Any = db.session.execute(statement.values(values), execution_options=_QUIETLY)
    return int(result.rowcount)
