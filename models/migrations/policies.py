"""Row security in generated migrations: each new table with an organisation gets the policy that hides foreign rows.

Alembic compares tables and columns, never policies; `env.py` gives it `add_policies`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alembic.autogenerate import renderers
from alembic.operations import ops

from models.tenancy.criteria import tenant_models
from models.types import SUPPORT

ORGANIZATION = "organization_id"
# Subqueries are evaluated once per statement, bare functions once per row.
_POLICY = (
    "CREATE POLICY organization_rows ON {table} USING (organization_id = "
    "(SELECT nullif(current_setting('app.organization_id', true), '')::bigint) "
    "OR (SELECT current_setting('app.unscoped', true)) = 'on')"
)
# Tables that the support of the platform alone reads, in all organisations.
_OF_SUPPORT = (
    "CREATE POLICY organization_rows ON {table} USING ((SELECT current_setting('app.tickets', true)) = 'on' "
    "OR (SELECT current_setting('app.unscoped', true)) = 'on')"
)
_POLICIES = {None: _POLICY, SUPPORT: _OF_SUPPORT}
_ENABLE = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
)
_RELEASE = (
    "DROP POLICY organization_rows ON {table}",
    "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
)


class PolicyOp(ops.MigrateOperation):
    """Statements about the policy of one table, for PostgreSQL; SQLite knows no policies."""

    def __init__(self, table: str, statements: Iterable[str]) -> None:
        self.table = table
        self.statements = [each.format(table=table) for each in statements]

    def to_diff_tuple(self) -> tuple[str, str]:
        return "policy", self.table


@renderers.dispatch_for(PolicyOp)
def _render(_context: Any, operation: PolicyOp) -> list[str | None]:
    """Plain statements, so that a migration stays what it was when this module changes."""
    lines: list[str | None] = ['if op.get_bind().dialect.name == "postgresql":']
    lines += [f"op.execute({statement!r})" for statement in operation.statements]
    # Ends the block.
    return [*lines, None]


def add_policies(_context: Any, _revision: Any, directives: list[ops.MigrationScript]) -> None:
    """Put the policies of new tenant tables behind what makes the tables, and in front of what drops them again."""
    for script in directives:
        for way_up, way_down in zip(script.upgrade_ops_list, script.downgrade_ops_list, strict=True):
            tables = _new_tenants(way_up.ops)
            way_up.ops.extend(PolicyOp(table, (*_ENABLE, _policy_of(table))) for table in tables)
            way_down.ops[:0] = [PolicyOp(table, _RELEASE) for table in reversed(tables)]


def _policy_of(table: str) -> str:
    [model] = [each for each in tenant_models() if each.__table__.name == table]  # type: ignore[attr-defined]  # mapped
    return _POLICIES[model.__policy__]


def _new_tenants(operations: Iterable[Any]) -> list[str]:
    """The tables that get an organisation: new ones, and old ones with a new column."""
    known = {model.__table__.name for model in tenant_models()}
    found = [name for each in operations for name in _getting_organization(each)]
    return [name for name in dict.fromkeys(found) if name in known]


def _getting_organization(operation: Any) -> list[str]:
    if isinstance(operation, ops.CreateTableOp):
        columns = [column.name for column in operation.columns if hasattr(column, "name")]
        return [operation.table_name] if ORGANIZATION in columns else []
    if isinstance(operation, ops.ModifyTableOps):
        return [name for each in operation.ops for name in _getting_organization(each)]
    if isinstance(operation, ops.AddColumnOp) and operation.column.name == ORGANIZATION:
        return [operation.table_name]
    return []
