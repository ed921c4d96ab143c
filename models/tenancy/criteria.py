"""Read criteria for all tenant tables that a statement uses or can reach by relations; cached per statement."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from flask_appbuilder import Model
from sqlalchemy import Alias, BindParameter, ColumnElement, Join, Select, Table, and_, bindparam, false, or_
from sqlalchemy.orm import with_loader_criteria
from sqlalchemy.sql import visitors

from models.base import SoftDelete, Tenant
from models.tenancy.own_rows import OwnRows
from models.types import SUPPORT

Key = int | BindParameter[int]


class ReadScope(NamedTuple):
    """The rows that may be read: those of an organisation and, with an owner, only the owner's.

    Of private rows those of the reader alone; None lifts this limit.
    """

    organization_id: Key | None
    owner_id: Key | None
    reader_id: Key | None
    # Whether the reader, who manages the organisation, reads its tickets too.
    reads_tickets: bool = False
    # Whether the reader, of the platform's support, reads the tickets of all organisations.
    serves_tickets: bool = False
    # Whether the owner has so many rows that each row of a list is tested, see `OwnRows`.
    owns_many: bool = False


# The parameters for the keys of a scope. SQLAlchemy refuses a statement that is executed without their values.
_KEYS: dict[str, BindParameter[int]] = {
    name: bindparam(f"scope_{name}", required=True) for name in ("organization_id", "owner_id", "reader_id")
}


def form_of(scope: ReadScope) -> ReadScope:
    """*scope* with parameters for its keys; it is the same for all members with the same limits."""
    keys: dict[str, Any] = {name: key for name, key in _KEYS.items() if getattr(scope, name) is not None}
    return scope._replace(**keys)


def values_of(scope: ReadScope) -> dict[str, int]:
    """The values of the parameters of `form_of`."""
    values = {key.key: getattr(scope, name) for name, key in _KEYS.items()}
    return {name: value for name, value in values.items() if value is not None}


@cache
def tenant_models() -> tuple[type[Tenant], ...]:
    """All mapped classes with an organisation, by name; call it only after all models are imported."""
    found = [each.class_ for each in Model.registry.mappers if issubclass(each.class_, Tenant)]
    return tuple(sorted(found, key=lambda model: model.__name__))


@cache
def private_models() -> tuple[type[Tenant], ...]:
    """The tenant models whose rows are limited for every role."""
    return tuple(model for model in tenant_models() if model.private_to(0) is not None)


@cache
def _tenant_tables() -> frozenset[Table]:
    return frozenset(model.__table__ for model in tenant_models())  # type: ignore[attr-defined]  # mapped


def _condition(model: Any, scope: ReadScope, *, hide_deleted: bool) -> ColumnElement[bool]:
    within = _within(model, scope, hide_deleted=hide_deleted)
    tickets = model.ticket_rows() if scope.serves_tickets else None
    if tickets is None:
        return within
    if hide_deleted and issubclass(model, SoftDelete):
        tickets = and_(tickets, model.deleted_at.is_(None))
    return or_(within, tickets)


def _within(model: Any, scope: ReadScope, *, hide_deleted: bool) -> ColumnElement[bool]:
    """The condition for the rows of the organisation."""
    if scope.organization_id is None:
        return false()
    parts = [model.organization_id == scope.organization_id]
    own = None if scope.owner_id is None else _own(model, scope.owner_id, owns_many=scope.owns_many)
    # A member may read the own rows of a private model, so that these need no second test.
    is_tested = own is not None and model.__private__
    limit = None if scope.reader_id is None or is_tested else _private(model, scope, scope.reader_id)
    parts += [each for each in (own, limit) if each is not None]
    if hide_deleted and issubclass(model, SoftDelete):
        parts.append(model.deleted_at.is_(None))
    return and_(*parts)


def _private(model: Any, scope: ReadScope, reader_id: Key) -> ColumnElement[bool] | None:
    """The condition for the private rows that the reader may read."""
    limit: ColumnElement[bool] | None = model.private_to(reader_id)
    if limit is None or not scope.reads_tickets or model.__policy__ == SUPPORT:
        return limit
    tickets = model.ticket_rows()
    return limit if tickets is None else or_(limit, tickets)


def _own(model: Any, owner_id: Key, *, owns_many: bool) -> ColumnElement[bool] | None:
    test: ColumnElement[bool] | None = model.owned_by(owner_id)
    sources = () if owns_many else model.owned_ids(owner_id)
    return OwnRows(model.id, test, sources) if sources and test is not None else test


@lru_cache(maxsize=5_000)
def _criterion(model: Any, scope: ReadScope, *, hide_deleted: bool) -> Any:
    """The loader option for one table; cached across requests."""
    return with_loader_criteria(
        model,
        _condition(model, scope, hide_deleted=hide_deleted),
        include_aliases=True,
        propagate_to_loaders=False,  # loaders come through the same event themselves
    )


_TABLES: WeakKeyDictionary[Any, frozenset[Table]] = WeakKeyDictionary()


def _tables_in(statement: Any) -> frozenset[Table]:
    """All tables in *statement*; cached per statement."""
    if statement not in _TABLES:
        parts = visitors.iterate(statement)
        _TABLES[statement] = frozenset(part for part in parts if isinstance(part, Table))
    return _TABLES[statement]


@cache
def _listed_tables() -> frozenset[Table]:
    """The tables whose own rows are read by their keys."""
    return frozenset(model.__table__ for model in tenant_models() if model.owned_ids(0))  # type: ignore[attr-defined]  # mapped


def reads_own_keys(statement: Any) -> bool:
    """Whether *statement* names a table whose own rows are read by their keys."""
    return not _listed_tables().isdisjoint(_tables_in(statement))


def touches_tenants(statement: Any) -> bool:
    return not _tenant_tables().isdisjoint(_tables_in(statement))


_BYPASSING: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()


def bypasses_mapper(statement: Any) -> bool:
    """Whether a SELECT in *statement* reads a tenant table without its entity, so that no criterion is added to it.

    Such as `select(func.sum(case((and_(…), Row.number))))`, where the entity gets lost; `select_from(Row)` names it.
    """
    if statement not in _BYPASSING:
        selects = [part for part in visitors.iterate(statement) if isinstance(part, Select)]
        _BYPASSING[statement] = any(_is_plain(each) and _reads_tenants(each) for each in selects)
    return _BYPASSING[statement]


def _is_plain(statement: Select[Any]) -> bool:
    # SQLAlchemy has no public way to ask.
    return statement._propagate_attrs.get("compile_state_plugin") != "orm"


def _reads_tenants(statement: Select[Any]) -> bool:
    """Whether tenant tables stand in the FROM of *statement* itself; subqueries are asked on their own."""
    waiting: list[Any] = list(statement.get_final_froms())
    while waiting:
        part = waiting.pop()
        if isinstance(part, Join):
            waiting += [part.left, part.right]
        elif isinstance(part, Alias):
            waiting.append(part.element)
        elif part in _tenant_tables():
            return True
    return False


@cache
def _neighbours() -> dict[Table, frozenset[Table]]:
    """For each table, the tables that its mapper's relations lead to."""
    found: dict[Table, set[Table]] = {}
    for mapper in Model.registry.mappers:
        led_to = {table for relation in mapper.relationships for table in relation.mapper.tables}
        for table in mapper.tables:
            found.setdefault(table, set()).update(led_to)
    return {table: frozenset(tables) for table, tables in found.items()}


@cache
def _reached_from(tables: frozenset[Table]) -> tuple[Any, ...]:
    """The tenant models of *tables* and of all tables that joins and eager loads can reach from them."""
    reached, waiting = set(tables), list(tables)
    while waiting:
        further = _neighbours().get(waiting.pop(), frozenset()) - reached
        reached |= further
        waiting += further
    return tuple(model for model in tenant_models() if model.__table__ in reached)  # type: ignore[attr-defined]  # mapped


@cache
def _reaches_private(tables: frozenset[Table]) -> bool:
    return not set(_reached_from(tables)).isdisjoint(private_models())


@cache
def _reaches_tickets(tables: frozenset[Table]) -> bool:
    return any(model.ticket_rows() is not None for model in _reached_from(tables))


# The statement with its criteria is cached, because SQLAlchemy then also reuses its compiled form.
_CACHE: WeakKeyDictionary[Any, dict[tuple[ReadScope, bool], Any]] = WeakKeyDictionary()
_MOST_CACHED = 50


def with_criteria(statement: Any, scope: ReadScope, *, hide_deleted: bool) -> Any:
    """*statement* with the criteria for *scope*."""
    known = _CACHE.setdefault(statement, {})
    tables = _tables_in(statement)
    if not _reaches_private(tables):
        # The same statement for all readers.
        scope = scope._replace(reader_id=None, reads_tickets=False)
    if scope.serves_tickets and not _reaches_tickets(tables):
        scope = scope._replace(serves_tickets=False)
    key = scope, hide_deleted
    if key not in known:
        if len(known) >= _MOST_CACHED:
            known.clear()
        models = _reached_from(tables)
        criteria = [_criterion(model, scope, hide_deleted=hide_deleted) for model in models]
        return known.setdefault(key, statement.options(*criteria))
    return known[key]
