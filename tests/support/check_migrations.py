"""The migrations lead to exactly the declared tables, on both databases, and back again."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from app.commands.database import alembic_config
from tests.support.databases import create_database, postgres_server


def check(url: str) -> None:
    """Up, compare, down, up again; Alembic raises where the tables differ from the models."""
    config = alembic_config(url)
    command.upgrade(config, "head")
    command.check(config)
    command.downgrade(config, "base")
    command.upgrade(config, "head")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(f"sqlite:///{Path(folder) / 'migrations.db'}")
    with postgres_server() as server:
        check(create_database(server, "migrations"))
    sys.stdout.write("Migrations: up, equal to the models, down, up; on SQLite and on PostgreSQL.\n")


if __name__ == "__main__":
    main()
