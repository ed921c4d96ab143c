"""Row-level security of PostgreSQL, as a second line behind the ORM criteria.

Each transaction sets `app.organization_id`, and policies on all tenant tables compare it with the row. Without it no
rows are visible. The settings end with the transaction, so a pooled connection does not pass them on.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Result, String, create_engine, make_url, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql.functions import FunctionElement

_SET_BY_STATEMENT = "organization set"
_SET = text("SELECT set_config('app.organization_id', :organization, true)")
_LIFT = text("SELECT set_config('app.unscoped', :lifted, true)")
# Under policies PostgreSQL uses an index only for functions marked as leakproof; LIKE discloses nothing but is not marked.
LEAKPROOF = "ALTER FUNCTION pg_catalog.textlike(text, text) LEAKPROOF"
IS_LEAKPROOF = "SELECT proleakproof FROM pg_proc WHERE oid = 'pg_catalog.textlike(text, text)'::regprocedure"
_SHOW_TICKETS = text("SELECT set_config('app.tickets', :shown, true)")
# Whether the running transaction shows tickets of all organisations.
_TICKETS = "tickets shown"
_IS_SUPERUSER = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"


def set_organization(connection: Connection, organization_id: int | None) -> None:
    """Set the organisation of the running transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(_SET, {"organization": "" if organization_id is None else str(organization_id)})


def show_tickets(connection: Connection, *, is_on: bool = True) -> None:
    """Show the tickets of all organisations in the running transaction, or hide them again."""
    if connection.dialect.name == "postgresql":
        connection.execute(_SHOW_TICKETS, {"shown": "on" if is_on else ""})


def update_tickets(session: Session, *, is_on: bool) -> None:
    """Show or hide the tickets of all organisations in a running transaction; a later one gets it when it begins."""
    if is_on == session.info.get(_TICKETS, False):
        return
    session.info[_TICKETS] = is_on
    if session.in_transaction():
        for connection in _connections(session):
            show_tickets(connection, is_on=is_on)


class setting_organization(FunctionElement[str]):  # noqa: N801 - reads like a function of SQL
    """An SQL function that sets the organisation within a statement, which saves a round trip."""

    inherit_cache = True
    type = String()


@compiles(setting_organization)
def _write_null(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "NULL"


@compiles(setting_organization, "postgresql")
def _write_setting(element: Any, compiler: Any, **options: Any) -> str:
    key = compiler.process(element.clauses, **options)
    return f"set_config('app.organization_id', coalesce(CAST({key} AS varchar), ''), true)"


def mark_organization_set(session: Session, organization_id: int | None) -> None:
    """Record that a `setting_organization` statement has run, so that the next `update_organization` can skip it."""
    session.info[_SET_BY_STATEMENT] = session.get_transaction(), organization_id


def update_organization(session: Session, organization_id: int | None) -> None:
    """Set the organisation of a running transaction; a later one gets it when it begins."""
    # Used only once: a setting made in a savepoint is undone when the savepoint is rolled back.
    known = session.info.pop(_SET_BY_STATEMENT, None)
    if known is not None and known == (session.get_transaction(), organization_id):
        return
    if session.in_transaction():
        for connection in _connections(session):
            set_organization(connection, organization_id)


def run_unscoped(state: ORMExecuteState) -> Result[Any] | None:
    """Run one statement across all organisations; None where the database has no policies."""
    connection = state.session.connection(bind_arguments=state.bind_arguments)
    if connection.dialect.name != "postgresql":
        return None
    connection.execute(_LIFT, {"lifted": "on"})
    # If the statement fails, the rollback of the transaction resets the setting.
    result = state.invoke_statement()
    connection.execute(_LIFT, {"lifted": ""})
    return result


def lift_policies(connection: Connection) -> None:
    """Show all rows until the end of the transaction, for work on the tables of all organisations."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LIFT, {"lifted": "on"})


def _connections(session: Session) -> list[Connection]:
    transaction = session.get_transaction()
    known = transaction._connections.values() if transaction else ()
    return list({id(entry[0]): entry[0] for entry in known}.values())


def allow_search_index(owner_url: str) -> None:
    """Mark LIKE as leakproof if the owner is a superuser; otherwise `doctor` prints the statement to run."""
    if not make_url(owner_url).drivername.startswith("postgresql"):
        return
    engine = create_engine(owner_url, hide_parameters=True)
    with engine.begin() as connection:
        if connection.scalar(text(_IS_SUPERUSER)) and not connection.scalar(text(IS_LEAKPROOF)):
            connection.execute(text(LEAKPROOF))
    engine.dispose()
