"""Alembic environment: the models and the database, without starting the application."""

from importlib import import_module

from alembic import context
from flask_appbuilder import Model
from sqlalchemy import create_engine, text

import models
from app.lib.discover import import_all
from config import Config

import_all(models)
import_module("flask_appbuilder.security.sqla.models")  # after ours, so that our naming convention applies

# The command that runs us names the database; `alembic` on its own takes the configured one.
url = context.config.attributes.get("url") or Config.DATABASE_OWNER_URL or Config.SQLALCHEMY_DATABASE_URI
engine = create_engine(url, hide_parameters=True)

with engine.connect() as connection:
    if connection.dialect.name == "postgresql":
        # A migration that can't get its lock soon gives up instead of holding up everybody behind it.
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        user_module_prefix="types.",
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
