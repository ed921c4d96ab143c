"""The merges of an organisation, newest first, and those of one customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.lib.clock import now
from app.lib.mobile import display_mobile
from models.customer_merge import MERGE_RETENTION, CustomerMerge

SIZE = 25


@dataclass(frozen=True)
class MergeLine:
    """A merge in the list."""

    id: int
    survivor: str
    survivor_id: int
    absorbed: Sequence[tuple[str, str]]  # name and number
    at: datetime
    who: str
    moved: int
    undone_at: datetime | None
    can_be_undone: bool


def merge_lines(before: int | None) -> tuple[list[MergeLine], int | None]:
    """A page of merges, and the key before which the next page begins; None on the last page."""
    statement = (
        select(CustomerMerge)
        .options(joinedload(CustomerMerge.survivor), joinedload(CustomerMerge.created_by))
        .order_by(CustomerMerge.created_at.desc(), CustomerMerge.id.desc())
    )
    if before is not None:
        edge = select(CustomerMerge.created_at, CustomerMerge.id).where(CustomerMerge.id == before)
        place = db.session.execute(edge).one_or_none()
        if place is None:
            return [], None
        at, key = place
        earlier = (CustomerMerge.created_at < at) | (
            (CustomerMerge.created_at == at) & (CustomerMerge.id < key)
        )
        statement = statement.where(earlier)
    # A customer that was deleted or merged since still has a name.
    found = db.session.scalars(statement.limit(SIZE + 1), execution_options={"with_deleted": True}).all()
    shown = found[:SIZE]
    return [_line(each) for each in shown], shown[-1].id if len(found) > SIZE else None


def undoable_merges(customer_id: int) -> Select[Any]:
    """The merges into the customer that can be undone, the latest first."""
    return (
        select(CustomerMerge)
        .where(
            CustomerMerge.survivor_id == customer_id,
            CustomerMerge.undone_at.is_(None),
            CustomerMerge.created_at > now() - MERGE_RETENTION,
        )
        .order_by(CustomerMerge.id.desc())
    )


def absorbed_names(absorbed: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(each["name"], display_mobile(each["mobile"])) for each in absorbed]


def _line(act: CustomerMerge) -> MergeLine:
    survivor = act.survivor
    is_open = act.undone_at is None and act.created_at > now() - MERGE_RETENTION
    return MergeLine(
        id=act.id,
        survivor=str(survivor),
        survivor_id=act.survivor_id,
        absorbed=absorbed_names(act.absorbed),
        at=act.created_at,
        who=str(act.created_by or ""),
        moved=act.moved,
        undone_at=act.undone_at,
        can_be_undone=is_open and survivor.deleted_at is None,
    )
