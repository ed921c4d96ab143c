"""Acts that can be undone: each row says what the latest act replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from app.extensions import db
from models.member import Member
from models.mixins.undoable import Undoable
from models.tenancy.scope import actor_of


@dataclass(frozen=True)
class Undone:
    """The rows that were undone, and the reasons of those that stay."""

    keys: Sequence[int]
    reasons: Sequence[str] = ()

    @property
    def first_reason(self) -> str:
        """The first of the reasons; empty where all rows were undone."""
        return next(iter(self.reasons), "")


def note_act(row: Undoable, at: datetime, column: str, before: Any, after: Any) -> None:
    """The acting member replaced *before* by *after* in *column*, in the act of the moment *at*."""
    row.acted_by_id, row.acted_at = actor_of(db.session()).member_id, at
    row.replaced = {column: [plain(before), plain(after)]}


def is_of_act(model: type[Undoable], at: datetime) -> ColumnElement[bool]:
    """Whether the latest act on a row is that of the acting member at *at*."""
    return and_(model.acted_by_id == actor_of(db.session()).member_id, model.acted_at == at)


def concerns(row: Undoable, column: str) -> bool:
    """Whether the latest act replaced *column*."""
    return column in (row.replaced or {})


def before(row: Undoable, column: str) -> Any:
    """The value that the latest act replaced, as JSON has it."""
    return (row.replaced or {})[column][0]


def was_changed_since(row: Undoable, column: str) -> bool:
    """Whether *column* has another value than the latest act gave it."""
    return bool(plain(getattr(row, column)) != (row.replaced or {})[column][1])


def forget_act(row: Undoable) -> None:
    """The act on *row* cannot be undone any more."""
    row.acted_at = row.acted_by_id = row.replaced = None


def active_members(keys: Iterable[int | None]) -> Collection[int]:
    """Those of *keys* that are active members of the acting member's organisation."""
    active = Member.id.in_({key for key in keys if key is not None}), Member.active.is_(True)
    here = Member.organization_id == actor_of(db.session()).organization_id
    return set(db.session.scalars(select(Member.id).where(*active, here)))


def plain(value: Any) -> Any:
    """*value* as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value
