"""Objects that are created once and bound to the app by the factory."""

import sqlite3
from typing import Any

from celery import Celery
from flask_appbuilder import AppBuilder, Model
from flask_appbuilder.models.sqla.base import SQLA
from flask_wtf import CSRFProtect
from sqlalchemy import Engine, event

# FAB's own tables and ours share one metadata, hence one create, one Alembic history.
db = SQLA(model_class=Model, engine_options={"hide_parameters": True})
appbuilder = AppBuilder()
csrf = CSRFProtect()
celery = Celery("ava")


@event.listens_for(Engine, "connect")
def _careful_sqlite(connection: Any, _record: Any) -> None:
    """SQLite forgets foreign keys and durability unless each connection asks for them."""
    if not isinstance(connection, sqlite3.Connection):
        return
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")
