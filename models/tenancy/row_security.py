"""The second line: PostgreSQL itself hides the rows of other organisations, whatever a statement forgot to say.

Each transaction tells the database for which organisation it runs; policies on all tenant tables compare. Nothing
said means no rows. The settings live as long as the transaction, so a pooled connection carries nothing over.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Result, String, create_engine, make_url, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql.functions import FunctionElement

_ANNOUNCED = "announced"
_SET = text("SELECT set_config('app.organization_id', :organization, true)")
_LIFT = text("SELECT set_config('app.unscoped', :lifted, true)")
# LIKE tells nothing of the rows it sees; until PostgreSQL is told so, policies keep it away from the index of the search.
LEAKPROOF = "ALTER FUNCTION pg_catalog.textlike(text, text) LEAKPROOF"
IS_LEAKPROOF = "SELECT proleakproof FROM pg_proc WHERE oid = 'pg_catalog.textlike(text, text)'::regprocedure"
_IS_SUPERUSER = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"


def set_organization(connection: Connection, organization_id: int | None) -> None:
    """Tell the database for whom the transaction runs from now on."""
    if connection.dialect.name == "postgresql":
        connection.execute(_SET, {"organization": "" if organization_id is None else str(organization_id)})


class setting_organization(FunctionElement[str]):  # noqa: N801 - reads like a function of SQL
    """Tells the database the organisation that a statement finds, so that nobody need go there again for that."""

    inherit_cache = True
    type = String()


@compiles(setting_organization)
def _write_nothing(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "NULL"


@compiles(setting_organization, "postgresql")
def _write_announcing(element: Any, compiler: Any, **options: Any) -> str:
    key = compiler.process(element.clauses, **options)
    return f"set_config('app.organization_id', coalesce(CAST({key} AS varchar), ''), true)"


def mark_organization_set(session: Session, organization_id: int | None) -> None:
    """A statement of this transaction was `announcing`; what `announce_again` is asked next may be said already."""
    session.info[_ANNOUNCED] = session.get_transaction(), organization_id


def update_organization(session: Session, organization_id: int | None) -> None:
    """The same within a transaction that has begun; one that has not is told when it begins."""
    # Good for once: what is said in a savepoint would be unsaid with it.
    announced = session.info.pop(_ANNOUNCED, None)
    if announced is not None and announced == (session.get_transaction(), organization_id):
        return
    if session.in_transaction():
        for connection in _connections(session):
            set_organization(connection, organization_id)


def run_unscoped(state: ORMExecuteState) -> Result[Any] | None:
    """Run one statement across all organisations; None where the database knows no policies."""
    connection = state.session.connection(bind_arguments=state.bind_arguments)
    if connection.dialect.name != "postgresql":
        return None
    connection.execute(_LIFT, {"lifted": "on"})
    # When it fails, the rollback of its transaction takes the setting back.
    result = state.invoke_statement()
    connection.execute(_LIFT, {"lifted": ""})
    return result


def _connections(session: Session) -> list[Connection]:
    transaction = session.get_transaction()
    known = transaction._connections.values() if transaction else ()
    return list({id(entry[0]): entry[0] for entry in known}.values())


def allow_search_index(owner_url: str) -> None:
    """Mark LIKE as harmless, where the owner may; whoever can't is told by `doctor` which statement is missing."""
    if not make_url(owner_url).drivername.startswith("postgresql"):
        return
    engine = create_engine(owner_url, hide_parameters=True)
    with engine.begin() as connection:
        if connection.scalar(text(_IS_SUPERUSER)) and not connection.scalar(text(IS_LEAKPROOF)):
            connection.execute(text(LEAKPROOF))
    engine.dispose()
