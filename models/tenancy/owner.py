"""Write checks for the owner and the organisation of a row, in ORM changes and in bulk statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ClauseElement
from sqlalchemy.orm import InstanceState, ORMExecuteState

from models.base import Authored, Tenant

if TYPE_CHECKING:
    from models.tenancy.scope import Actor


class ScopeError(PermissionError):
    """A statement outside the actor's scope: a programming error or an attack, never a user's mistake."""


class Unscoped(ScopeError):
    """A session without an actor used a tenant table."""


class ForeignRow(ScopeError):
    """A write names a row that its actor cannot read."""


def guard_owner(row: Tenant, state: InstanceState[Any], actor: Actor, *, is_new: bool) -> None:
    """An actor who sees only their own rows can create rows only for themselves, and cannot give rows away."""
    if row.__owner__ is None or not actor.own:
        return
    changed = {name for name in row.owner_names() if state.attrs[name].history.has_changes()}
    named = {getattr(row, name) for name in changed}
    owners = {getattr(owner, "id", owner) for owner in named}
    if is_new:
        owners.discard(None)
    if owners - {actor.member_id}:
        raise ForeignRow(row.__owner__)
    if is_new and not owners:
        setattr(row, row.__owner__, actor.member_id)


def _owner_keys(model: type[Tenant]) -> list[str]:
    """The columns that name the owner or the author of a row."""
    author = ["created_by_id"] if issubclass(model, Authored) else []
    return [*([model.__owner__] if model.__owner__ else []), *author]


def guard_keys(row: Tenant, state: InstanceState[Any], actor: Actor) -> None:
    """Check the organisation and the owner as they will be stored."""
    if row.organization_id != actor.organization_id:
        raise ForeignRow("organization_id")
    for name in _owner_keys(type(row)) if actor.own else ():
        if state.attrs[name].history.has_changes() and getattr(row, name) != actor.member_id:
            raise ForeignRow(name)


def check_bulk_update(state: ORMExecuteState, actor: Actor) -> None:
    """Raise `ForeignRow` for a statement that moves rows to another organisation or away from their owner."""
    mapper = state.bind_mapper
    if mapper is None or not issubclass(mapper.class_, Tenant):
        return
    statement: Any = state.statement
    written = {getattr(key, "key", key): value for key, value in (statement._values or {}).items()}
    given: Any = state.parameters
    rows = [written, *(given if isinstance(given, list) else [given or {}])]
    for row in rows:
        if "organization_id" in row and _plain(row["organization_id"]) != actor.organization_id:
            raise ForeignRow("organization_id")
    check_bulk_owner(mapper.class_, actor, rows, is_insert=False)


def check_bulk_owner(
    model: type[Tenant], actor: Actor, rows: list[dict[str, Any]], *, is_insert: bool
) -> None:
    if not actor.own:
        return
    for name in _owner_keys(model):
        needed = is_insert and name == model.__owner__
        named = [_plain(row.get(name)) for row in rows if name in row or needed]
        if any(owner != actor.member_id for owner in named):
            raise ForeignRow(name)


def _plain(value: Any) -> Any:
    """The value of a bound parameter; None for any other expression, which equals no key."""
    return getattr(value, "value", None) if isinstance(value, ClauseElement) else value
