"""Database migration and the rows that the panel needs before it can serve."""

from __future__ import annotations

from pathlib import Path

import click
from alembic import command
from alembic.config import Config as AlembicConfig
from flask import current_app

from app.commands.grants import grant_to_app
from app.commands.letters import rewrite_letters
from app.extensions import db
from app.security_manager import sync_roles
from app.services.sms.provider import ensure_account
from models.tenancy.row_security import allow_search_index

ROOT = Path(__file__).parents[2]


def alembic_config(url: str) -> AlembicConfig:
    """Alembic's settings for the database at *url*."""
    config = AlembicConfig(toml_file=str(ROOT / "pyproject.toml"))
    config.attributes["url"] = url
    return config


def migrate() -> None:
    """Migrate the tables to the newest revision, then write the roles that the sections declare."""
    url = current_app.config.get("DATABASE_OWNER_URL") or current_app.config["SQLALCHEMY_DATABASE_URI"]
    command.upgrade(alembic_config(url), "head")
    allow_search_index(url)
    grant_to_app(url, current_app.config["SQLALCHEMY_DATABASE_URI"])
    sync_roles()


@click.command("upgrade")
def upgrade() -> None:
    """Migrate the database, write the declared roles and rewrite texts with Arabic letters."""
    migrate()
    rewrite_letters()
    ensure_sms_account()
    click.echo("پایگاه داده و نقش‌ها به‌روز هستند.")


def ensure_sms_account() -> None:
    """Store the SMS account of the environment; outside production, the sandbox's when none is set."""
    settings = current_app.config
    if settings["SMS_BASE_URL"]:
        ensure_account(
            settings["SMS_BASE_URL"], settings["SMS_API_KEY"], settings["SMS_LINE"], calls_per_second=10
        )
    elif settings["APP_ENV"] != "production":
        url = f"http://127.0.0.1:{settings['SANDBOX_PORT']}/v1"
        ensure_account(url, "sandbox", "10004346", calls_per_second=None)
    db.session.commit()
