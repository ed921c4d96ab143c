"""Database grants for the panel's role, when another role owns the tables; audit events stay append-only."""

from __future__ import annotations

from sqlalchemy import Connection, create_engine, make_url, text

# Set by a job after the event is stored, so the role must be able to update them. A trigger allows it once.
CHAIN = "chained_at, previous_hash, hash, salt, values_digest"
# Changed when the values are erased with a person, which the trigger allows once too.
ERASED = '"before", "after", erased_at, seal'


def grant_to_app(owner_url: str, app_url: str) -> None:
    """Grant the role of *app_url* access to the owner's tables; does nothing for the same role or on SQLite."""
    owner, app = make_url(owner_url), make_url(app_url)
    if not app.drivername.startswith("postgresql") or owner.username == app.username:
        return
    engine = create_engine(owner_url, hide_parameters=True)
    with engine.begin() as connection:
        _grant(connection, connection.dialect.identifier_preparer.quote(app.username or ""))
    engine.dispose()


def _grant(connection: Connection, role: str) -> None:
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON audit_events FROM {role}",
        f"GRANT UPDATE ({CHAIN}, {ERASED}) ON audit_events TO {role}",
        f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_anchors FROM {role}",
    ):
        connection.execute(text(statement))
