"""Sweep up behind accounts, once an hour."""

from __future__ import annotations

from celery import shared_task

from app.extensions import celery, db
from app.services.account.session_cleanup import forget_old

SWEEP_EVERY = 3600.0

celery.conf.beat_schedule = {
    **(celery.conf.beat_schedule or {}),
    "sweep accounts": {"task": "account.sweep", "schedule": SWEEP_EVERY},
}


@shared_task(name="account.sweep", time_limit=300)
def sweep_accounts() -> int:
    """Forget what is over; returns how much it was."""
    forgotten = forget_old()
    db.session.commit()
    return forgotten
