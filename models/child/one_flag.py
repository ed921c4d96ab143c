"""A flag that exactly one row of each parent has, such as the default address of a customer.

The rows that are not deleted count. An index refuses a second flag; the functions here move the flag, and give it to the
oldest row where none has it. They lock the parent first, so that two members move it one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import Index, inspect, select, text, update
from sqlalchemy.orm import Session

from models.tenancy.scope import whole_organization

IS_FLAG = "one flag"


class OneFlag:
    """A row of a parent with a flag; its table has the `flag_index` of both."""

    # The relation to the parent, and the column of the flag.
    __flag_of__: ClassVar[str]
    __flag__: ClassVar[str]


def flag_index(name: str, parent_key: str, flag: str) -> Index:
    """The unique index of the rows with the flag that are not deleted."""
    where = text(f"deleted_at IS NULL AND {flag}")
    return Index(
        name, parent_key, unique=True, postgresql_where=where, sqlite_where=where, info={IS_FLAG: True}
    )


def parent_key(model: Any, relation: str) -> Any:
    """The column of *model* with the key of the parent to which *relation* leads."""
    mapper = inspect(model)
    (column,) = mapper.relationships[relation].local_columns
    return getattr(model, mapper.get_property_by_column(column).key)


def lock_parents(session: Session, model: Any, relation: str, keys: Sequence[int]) -> None:
    """Lock the parents of rows of *model* until the commit."""
    parent = inspect(model).relationships[relation].mapper.class_
    # Rows that refer to the parent may still be added meanwhile.
    statement = select(parent.id).where(parent.id.in_(keys)).order_by(parent.id)
    with whole_organization(session):
        session.scalars(
            statement.with_for_update(key_share=True), execution_options={"with_deleted": True}
        ).all()


def flagged_row(session: Session, model: Any, parent_id: int) -> Any:
    """The row of the parent with the flag, also out of the member's scope; None where no row has it."""
    key, flag = parent_key(model, model.__flag_of__), getattr(model, model.__flag__)
    with whole_organization(session):
        return session.scalar(select(model).where(key == parent_id, flag))


def take_flag(session: Session, model: Any, parent_id: int, *, but: int | None = None) -> Any:
    """Remove the flag from the row that has it, unless its key is *but*; returns this row."""
    row = flagged_row(session, model, parent_id)
    if row is None or row.id == but:
        return None
    setattr(row, model.__flag__, False)
    with whole_organization(session):
        session.flush()
    return row


def settle_flag(session: Session, model: Any, parent_id: int) -> None:
    """Give the flag to the oldest row of the parent where no row has it."""
    if flagged_row(session, model, parent_id) is not None:
        return
    key = parent_key(model, model.__flag_of__)
    with whole_organization(session):
        oldest = session.scalar(select(model).where(key == parent_id).order_by(model.id).limit(1))
        if oldest is not None:
            setattr(oldest, model.__flag__, True)
            session.flush()


def settle_restored(session: Session, model: Any, keys: Sequence[int], *, is_undo: bool) -> None:
    """Before rows of *model* are restored, leave the flag to one row of each parent.

    An undo gives it back to the restored row; otherwise the row that has it by now keeps it.
    """
    relation, flag = model.__flag_of__, getattr(model, model.__flag__)
    key = parent_key(model, relation)
    deleted = {"with_deleted": True}
    found = select(model.id, key, flag).where(model.id.in_(keys)).order_by(flag.desc(), model.id)
    rows = session.execute(found, execution_options=deleted).all()
    parents = list(dict.fromkeys(parent for _id, parent, _flag in rows))
    lock_parents(session, model, relation, parents)
    holders = {parent: session.scalar(select(model.id).where(key == parent, flag)) for parent in parents}
    marks: dict[int, bool] = {}
    for row_id, parent, has_flag in rows:
        holder = holders[parent]
        wins = holder is None or (is_undo and has_flag and holder not in keys)
        if wins and holder is not None:
            marks[holder] = False
        if wins:
            holders[parent] = row_id
        marks[row_id] = wins
    _mark(session, model, marks)


def _mark(session: Session, model: Any, marks: Mapping[int, bool]) -> None:
    """Write the flags, those that are removed first."""
    for value in (False, True):
        chosen = [row_id for row_id, mark in marks.items() if mark is value]
        statement = update(model).where(model.id.in_(chosen), getattr(model, model.__flag__).is_not(value))
        if chosen:
            session.execute(
                statement.values({model.__flag__: value}),
                execution_options={"synchronize_session": False, "with_deleted": True},
            )
