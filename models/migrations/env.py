"""stub."""

from alembic import context
from flask_appbuilder import Model
from sqlalchemy import create_engine, text

import models
from app.lib.discover import import_all

import_all(models)
e = create_engine(context.config.attributes["url"])
with e.begin() as c:
    if c.dialect.name == "postgresql":
        c.execute(text("create extension if not exists pg_trgm"))
    Model.metadata.create_all(c)
e.dispose()
