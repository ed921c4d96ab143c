"""Configuration problems, as sentences for `doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Connection, text

from app.checks.database import database_problems
from app.checks.settings import weaknesses
from app.extensions import celery, db
from models.tenancy.row_security import IS_LEAKPROOF, LEAKPROOF

ROOT = Path(__file__).parents[2]
BYPASSES = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


@dataclass(frozen=True)
class Misconfiguration:
    text: str
    is_error: bool = True


def findings() -> list[Misconfiguration]:
    """All problems, errors first; empty when there are none."""
    found = [*_files(), *_settings(), *_broker(), *_database()]
    return sorted(found, key=lambda finding: not finding.is_error)


def _files() -> list[Misconfiguration]:
    found = []
    if not (ROOT / "app/static/dist/manifest.json").exists():
        found.append(Misconfiguration(_("The front-end files are missing. Run: make setup")))
    if not (ROOT / "translations/fa/LC_MESSAGES/messages.mo").exists():
        found.append(Misconfiguration(_("The Persian catalogue is not compiled. Run: make setup")))
    return found


def _settings() -> list[Misconfiguration]:
    """Violated rules: all of them in production, otherwise those that apply everywhere."""
    config = current_app.config
    is_production = config["APP_ENV"] == "production"
    return [
        Misconfiguration(rule.sentence) for rule in weaknesses(config) if is_production or rule.everywhere
    ]


def _broker() -> list[Misconfiguration]:
    """An unreachable broker is a warning, because it delays work but loses none."""
    try:
        with celery.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
    except (OSError, celery.connection_for_write().connection_errors):
        return [Misconfiguration(_("The broker can't be reached; background work waits."), is_error=False)]
    return []


def _database() -> list[Misconfiguration]:
    is_production = current_app.config["APP_ENV"] == "production"
    with db.engine.connect() as connection:
        found = [
            Misconfiguration(sentence)
            for sentence in database_problems(connection, is_production=is_production)
        ]
        if connection.dialect.name == "postgresql":
            found += [*_trigrams(connection), *_role(connection), *_search(connection)]
    return found


def _trigrams(connection: Connection) -> list[Misconfiguration]:
    """Under a C locale pg_trgm finds no letters in Persian text, and the search index is useless."""
    if connection.scalar(text("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")) == 0:
        return [Misconfiguration(_("The extension pg_trgm is missing in the database."))]
    if connection.scalar(text("SELECT cardinality(show_trgm('محمد'))")):
        return []
    return [
        Misconfiguration(_("The database's LC_CTYPE does not know Persian letters: create it with C.UTF-8."))
    ]


def _role(connection: Connection) -> list[Misconfiguration]:
    if not connection.scalar(text(BYPASSES)):
        return []
    return [
        Misconfiguration(
            _(
                "The database role is a superuser or bypasses row-level security: give the panel an ordinary role."
            ),
            is_error=current_app.config["APP_ENV"] == "production",
        )
    ]


def _search(connection: Connection) -> list[Misconfiguration]:
    """Under row policies PostgreSQL uses an index only for leakproof functions."""
    if connection.scalar(text(IS_LEAKPROOF)):
        return []
    sentence = _(
        "Search reads all rows of an organisation. As a superuser, run once in this database: %(sql)s",
        sql=LEAKPROOF,
    )
    return [Misconfiguration(sentence, is_error=False)]
