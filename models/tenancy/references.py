"""Checks of the rows that a changed row refers to: the actor can read them, or they are members of the organisation."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import InstanceState, Session

from models.base import Tenant
from models.tenancy.actor import actor_of
from models.tenancy.owner import ForeignRow
from models.types import OF_PLATFORM


def _new_reference(row: Tenant, state: InstanceState[Any], relation: Any) -> tuple[Any, int | None]:
    """The row or the key that a relation was changed to; (None, None) when it was not changed or was emptied."""
    if state.attrs[relation.key].history.has_changes() and state.dict.get(relation.key) is not None:
        return state.dict[relation.key], None
    key = state.mapper.get_property_by_column(next(iter(relation.local_columns))).key
    return None, getattr(row, key) if state.attrs[key].history.has_changes() else None


def guard_reference(session: Session, row: Tenant, state: InstanceState[Any], relation: Any) -> None:
    """Raise `ForeignRow` when a changed foreign key points at a row that the actor cannot read."""
    target, value = _new_reference(row, state, relation)
    # A row of this session was loaded under the same limits, or is new.
    if target is not None and inspect(target).session is not session:
        raise ForeignRow(relation.key)
    if value is not None and not _is_visible(session, relation.mapper.class_, value):
        raise ForeignRow(relation.key)


def guard_member(session: Session, row: Tenant, state: InstanceState[Any], relation: Any) -> None:
    """Raise `ForeignRow` when a row names a member of another organisation, the actor excepted."""
    target, value = _new_reference(row, state, relation)
    value = target.id if target is not None else value
    actor = actor_of(session)
    if value is None or value == actor.member_id:
        return
    person = relation.mapper.class_
    expected = None if relation.info.get(OF_PLATFORM) else actor.organization_id
    with session.no_autoflush:
        if session.scalar(select(person.organization_id).where(person.id == value)) != expected:
            raise ForeignRow(relation.key)


def _is_visible(session: Session, model: Any, value: int) -> bool:
    with session.no_autoflush:
        return session.scalar(select(model.id).where(model.id == value)) is not None
