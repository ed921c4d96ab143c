"""Rows written by the hundred, in statements that the scope checks like any other write."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from app.extensions import db
from models.tenancy.scope import actor_of, fill_tenant

# Without it, rows whose empty columns differ are sent in a statement for each run of like rows.
_ONE_STATEMENT = {"render_nulls": True}


def prepare(model: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say whose the rows are and who writes them, as a flush would."""
    session = db.session()
    if hasattr(model, "created_by_id"):
        member_id = actor_of(session).member_id
        for row in rows:
            row.setdefault("created_by_id", member_id)
    return fill_tenant(session, rows)


def insert_all(model: Any, rows: list[dict[str, Any]]) -> None:
    """Insert *rows*."""
    if rows:
        # Asked for something back, SQLAlchemy sends one statement for all rows instead of one for each.
        statement = insert(model).returning(model.id).execution_options(**_ONE_STATEMENT)
        db.session.execute(statement, prepare(model, rows)).close()


def insert_keyed(model: Any, rows: list[dict[str, Any]]) -> list[int]:
    """Insert *rows* and return their ids in the same order."""
    if not rows:
        return []
    statement = insert(model).returning(model.id, sort_by_parameter_order=True)
    statement = statement.execution_options(**_ONE_STATEMENT)
    return list(db.session.scalars(statement, prepare(model, rows)))
