"""Alembic environment: the models and the database, without starting the application."""

from importlib import import_module

from alembic import context
from flask_appbuilder import Model
from sqlalchemy import create_engine, text

import models
from app.lib.discover import import_all
from config import Config
from models.migrations.policies import add_policies

import_all(models)
import_module(
    "flask_appbuilder.security.sqla.models"
)  # after our models, so that our naming convention applies

# Commands pass the database; plain `alembic` uses the configured one.
url = context.config.attributes.get("url") or Config.DATABASE_OWNER_URL or Config.SQLALCHEMY_DATABASE_URI
engine = create_engine(url, hide_parameters=True)

with engine.connect() as connection:
    if connection.dialect.name == "postgresql":
        # A migration that waits for a lock blocks all later statements on the table, so it gives up early.
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        user_module_prefix="types.",
        process_revision_directives=add_policies,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
