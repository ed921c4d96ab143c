"""What is misconfigured, in plain words."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Connection, text

from app.extensions import celery, db
from app.lib.jalali import TEHRAN

ROOT = Path(__file__).parent.parent
BYPASSES = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


@dataclass(frozen=True)
class Finding:
    text: str
    is_error: bool = True


def findings() -> list[Finding]:
    """All that is wrong, the worst first; empty when everything is in order."""
    found = [*_files(), *_time(), *_secret(), *_broker(), *_database()]
    return sorted(found, key=lambda finding: not finding.is_error)


def _files() -> list[Finding]:
    found = []
    if not (ROOT / "app/static/dist/manifest.json").exists():
        found.append(Finding(_("The front-end files are missing. Run: make setup")))
    if not (ROOT / "translations/fa/LC_MESSAGES/messages.mo").exists():
        found.append(Finding(_("The Persian catalogue is not compiled. Run: make setup")))
    uploads = Path(current_app.config["UPLOAD_FOLDER"])
    uploads.mkdir(parents=True, exist_ok=True)
    if not os.access(uploads, os.W_OK):
        found.append(Finding(_("The folder for uploads can't be written: %(path)s", path=uploads)))
    return found


def _time() -> list[Finding]:
    """Iran has had no summer time since 2022; an old tzdata still moves the clock."""
    summer = datetime(2026, 7, 1, tzinfo=UTC).astimezone(TEHRAN).utcoffset()
    if summer == timedelta(hours=3, minutes=30):
        return []
    return [Finding(_("The time zone data are old: Tehran's summer is an hour off. Update tzdata."))]


def _secret() -> list[Finding]:
    if len(current_app.config["SECRET_KEY"].encode()) >= 32:
        return []
    return [Finding(_("SECRET_KEY is too short: use at least 32 random characters."))]


def _broker() -> list[Finding]:
    """A dead broker delays work but loses none, so it is a warning."""
    try:
        with celery.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
    except (OSError, celery.connection_for_write().connection_errors):
        return [Finding(_("The broker can't be reached; background work waits."), is_error=False)]
    return []


def _database() -> list[Finding]:
    with db.engine.connect() as connection:
        found = _migrations(connection)
        if connection.dialect.name == "postgresql":
            return [*found, *_trigrams(connection), *_role(connection)]
        if connection.scalar(text("PRAGMA journal_mode")) != "wal":
            found.append(Finding(_("SQLite is not in WAL mode; readers and writers block each other.")))
        return found


def _migrations(connection: Connection) -> list[Finding]:
    head = ScriptDirectory(str(ROOT / "models/migrations")).get_current_head()
    if MigrationContext.configure(connection).get_current_revision() == head:
        return []
    return [Finding(_("The database is not migrated. Run: flask --app run upgrade"))]


def _trigrams(connection: Connection) -> list[Finding]:
    """Under a C locale pg_trgm sees no letters in Persian text, and the search index is silently useless."""
    if connection.scalar(text("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")) == 0:
        return [Finding(_("The extension pg_trgm is missing in the database."))]
    if connection.scalar(text("SELECT cardinality(show_trgm('محمد'))")):
        return []
    return [Finding(_("The database's LC_CTYPE does not know Persian letters: create it with C.UTF-8."))]


def _role(connection: Connection) -> list[Finding]:
    if not connection.scalar(text(BYPASSES)):
        return []
    return [
        Finding(
            _(
                "The database role is a superuser or bypasses row-level security: give the panel an ordinary role."
            ),
            is_error=current_app.config["APP_ENV"] == "production",
        )
    ]
