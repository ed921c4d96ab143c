"""Tenant isolation: each statement on a tenant table is limited to the actor of its session.

`bind` puts the actor on the session, so requests, workers and commands share one mechanism. A session without an
actor raises `Unscoped`. Reads get criteria in `do_orm_execute`; writes are checked in `before_flush`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Result, TextClause, event, inspect
from sqlalchemy.orm import InstanceState, Mapper, ORMExecuteState, Session, SessionTransaction, object_session

from models.base import AppendOnly, Authored, Tenant
from models.tenancy.actor import (
    Actor,
    acting_as,
    actor_of,
    actor_or_none,
    bind,
    whole_organization,
    within_organization,
)
from models.tenancy.criteria import (
    ReadScope,
    bypasses_mapper,
    form_of,
    reads_own_keys,
    touches_tenants,
    values_of,
    with_criteria,
)
from models.tenancy.large_owners import READS_LIST, owns_many
from models.tenancy.owner import (
    ForeignRow,
    ScopeError,
    Unscoped,
    check_bulk_owner,
    check_bulk_update,
    guard_keys,
    guard_owner,
)
from models.tenancy.references import guard_member, guard_reference
from models.tenancy.row_security import run_unscoped, set_organization, show_tickets

__all__ = [
    "INSERTED",
    "Actor",
    "ForeignRow",
    "ScopeError",
    "Unscoped",
    "acting_as",
    "actor_of",
    "actor_or_none",
    "bind",
    "fill_tenant",
    "whole_organization",
    "within_organization",
]


# The execution option with the rows of a bulk insert whose parameters are not its rows.
INSERTED = "inserted_rows"


def fill_tenant(session: Session, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Set the organisation of the rows of a bulk insert; raises `ForeignRow` for a row that has another one."""
    organization_id = actor_of(session).organization_id
    for row in rows:
        if row.setdefault("organization_id", organization_id) != organization_id or organization_id is None:
            raise ForeignRow("organization_id")
    return rows


def _to_one(state: ORMExecuteState) -> bool:
    """Whether a lazy or eager load reads a parent; deleted parents are read too, because their names are shown."""
    path = state.loader_strategy_path
    relation = path and path[-1]
    return relation is not None and not getattr(relation, "uselist", True)


@event.listens_for(Session, "after_begin")
def _set_organization(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    actor = actor_or_none(session)
    # PostgreSQL's policies hide all rows from a transaction that has no organisation set.
    if actor is not None and actor.organization_id is not None:
        set_organization(connection, actor.organization_id)
    if actor is not None and actor.serves_tickets:
        show_tickets(connection)


@event.listens_for(Session, "do_orm_execute")
def _scope_statement(state: ORMExecuteState) -> Result[Any] | None:
    if state.execution_options.get("unscoped"):
        return run_unscoped(state)
    if not state.is_column_load:
        _limit_statement(state)
    return None


def _limit_statement(state: ORMExecuteState) -> None:
    options = state.execution_options
    actor = actor_or_none(state.session)
    if actor is None or not state.is_orm_statement:
        if isinstance(state.statement, TextClause) or touches_tenants(state.statement):
            raise Unscoped("a tenant table, reached without an organisation or around the mapper")
        return
    if bypasses_mapper(state.statement):
        raise Unscoped("a tenant table in a subquery without its entity")
    if state.is_insert:
        _check_bulk_insert(state, actor)
        return
    if state.is_update:
        check_bulk_update(state, actor)
    hide_deleted = not options.get("with_deleted") and not (state.is_relationship_load and _to_one(state))
    # A program without a member owns no row, and reads no private ones.
    member_id = actor.member_id or 0
    reader_id = None if actor.sees_private else member_id
    owner_id = member_id if actor.own else None
    scope = ReadScope(actor.organization_id, owner_id, reader_id, actor.reads_tickets, actor.serves_tickets)
    if not state.is_select:
        # The ORM also evaluates the criteria of an UPDATE or a DELETE in Python, which needs their values.
        state.statement = with_criteria(state.statement, scope, hide_deleted=hide_deleted)
        return
    if owner_id is not None and options.get(READS_LIST) and reads_own_keys(state.statement):
        scope = scope._replace(owns_many=owns_many(state.session, actor.organization_id, owner_id))
    # One statement for all members with the same limits, so that it is built and compiled once.
    state.statement = with_criteria(state.statement, form_of(scope), hide_deleted=hide_deleted)
    given: Any = state.parameters or {}
    state.parameters = {**given, **values_of(scope)}


def _check_bulk_insert(state: ORMExecuteState, actor: Actor) -> None:
    mapper = state.bind_mapper
    if mapper is None or not issubclass(mapper.class_, Tenant):
        return
    given: Any = state.parameters
    rows = given if isinstance(given, list) else [given or {}]
    if actor.organization_id is None or any(
        row.get("organization_id") != actor.organization_id for row in rows
    ):
        raise ForeignRow("organization_id")
    # The rows of an INSERT … SELECT are no parameters.
    check_bulk_owner(mapper.class_, actor, state.execution_options.get(INSERTED, rows), is_insert=True)


@event.listens_for(Session, "before_flush")
def _guard_writes(session: Session, _context: Any, _instances: Any) -> None:
    if session.info.get("unscoped"):
        return
    changed = [*session.new, *(row for row in session.dirty if session.is_modified(row)), *session.deleted]
    for row in changed:
        if isinstance(row, Tenant):
            _guard_row(session, row, is_new=row in session.new)


def _guard_row(session: Session, row: Tenant, *, is_new: bool) -> None:
    actor = actor_of(session)
    state: InstanceState[Any] = inspect(row)
    if actor.organization_id is None:
        raise ForeignRow("no organisation to write into")
    if is_new and row.organization_id is None:
        row.organization_id = actor.organization_id
    if row.organization_id != actor.organization_id:
        raise ForeignRow("organization_id")
    if is_new and isinstance(row, Authored):
        _set_author(row, actor)
    _guard_ledger(session, row, state, is_new=is_new)
    guard_owner(row, state, actor, is_new=is_new)
    for relation in state.mapper.relationships:
        if relation.direction.name != "MANYTOONE":
            continue
        if issubclass(relation.mapper.class_, Tenant):
            guard_reference(session, row, state, relation)
        elif hasattr(relation.mapper.class_, "organization_id"):
            guard_member(session, row, state, relation)


def _set_author(row: Authored, actor: Actor) -> None:
    """Set the author of a new row; only an actor without the limit to their own rows may name somebody else."""
    if row.created_by_id is None or actor.own:
        row.created_by_id = actor.member_id


def _guard_ledger(session: Session, row: Tenant, state: InstanceState[Any], *, is_new: bool) -> None:
    if not isinstance(row, AppendOnly) or is_new:
        return
    changed = {attribute.key for attribute in state.attrs if attribute.history.has_changes()}
    columns = changed & set(state.mapper.column_attrs.keys())
    if row in session.deleted or columns - row.__mutable__:
        raise ScopeError(f"{type(row).__name__} is append-only")


@event.listens_for(Tenant, "before_insert", propagate=True)
@event.listens_for(Tenant, "before_update", propagate=True)
def _guard_keys(_mapper: Mapper[Any], _connection: Connection, row: Tenant) -> None:
    """Check the keys again, because relations and collections set them during the flush."""
    session = object_session(row)
    if session is None or session.info.get("unscoped"):
        return
    actor, state = actor_of(session), inspect(row)
    guard_keys(row, state, actor)
