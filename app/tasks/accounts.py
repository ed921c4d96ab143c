"""The hourly cleanup of expired marks and counters of accounts."""

from __future__ import annotations

from app.extensions import db
from app.services.account.session_cleanup import delete_expired
from app.tasks.base import periodic

SWEEP_EVERY = 3600.0


@periodic("account.sweep", SWEEP_EVERY, entry="sweep accounts", time_limit=300)
def sweep_accounts() -> int:
    """Delete what has expired; returns how many rows."""
    deleted = delete_expired()
    db.session.commit()
    return deleted
