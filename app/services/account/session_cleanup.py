"""Deletes expired rows of accounts."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_

from app.extensions import db
from app.lib.clock import now
from models.account import SentForm, Throttle

# No session, and so no open form, lasts longer.
RETENTION = timedelta(hours=24)


def delete_expired() -> int:
    """Delete old marks of sent forms and old counters of tries; returns how many."""
    long_ago = now() - RETENTION
    over = (
        Throttle.window_ends_at < long_ago,
        or_(Throttle.locked_until.is_(None), Throttle.locked_until < long_ago),
    )
    forms = delete(SentForm).where(SentForm.at < long_ago).returning(SentForm.key)
    counters = delete(Throttle).where(*over).returning(Throttle.key)
    return sum(len(db.session.scalars(each).all()) for each in (forms, counters))
