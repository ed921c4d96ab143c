"""What accounts leave behind and nobody needs any more."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_

from app.extensions import db
from app.lib.clock import now
from models.account import SentForm, Throttle

# No session lasts longer, so no form that is still open is older.
KEPT_FOR = timedelta(hours=24)


def delete_expired() -> int:
    """Remove the marks of sent forms and the counters whose time is over; returns how many."""
    long_ago = now() - KEPT_FOR
    over = (
        Throttle.window_ends_at < long_ago,
        or_(Throttle.locked_until.is_(None), Throttle.locked_until < long_ago),
    )
    forms = delete(SentForm).where(SentForm.at < long_ago).returning(SentForm.key)
    counters = delete(Throttle).where(*over).returning(Throttle.key)
    return sum(len(db.session.scalars(each).all()) for each in (forms, counters))
