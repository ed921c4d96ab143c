"""Rate limits for logins and links. Each try is counted in one atomic statement."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import case, delete, update

from app.extensions import db
from app.lib.clock import now
from models.account import Throttle
from models.upsert import upsert


@dataclass(frozen=True)
class Limit:
    """More than *most* tries within *window* lock the key; the lock doubles each time, up to *longest*."""

    most: int
    window: timedelta
    lock: timedelta
    longest: timedelta = timedelta(hours=1)


# The key of all tries of the site. Under attack, answers are delayed; the site is never locked.
SITE = "site"
_CALM = Limit(1000, timedelta(minutes=5), timedelta(0))
_LONGEST_PAUSE = 2.0


def locked_until(key: str, limit: Limit) -> datetime | None:
    """Count a try of *key*; returns the end of its lock, None when it is not locked."""
    times = current_app.config["LIMITS"]
    if not times:
        return None
    count, locks, locked = db.session.execute(_counting(key, limit)).one()
    if locked is not None and locked > now():
        return datetime.fromisoformat(locked.isoformat())
    return _lock(key, limit, locks) if count > limit.most * times else None


def site_pause() -> float:
    """Count a try of the whole site; returns the seconds by which to delay the answer."""
    times = current_app.config["LIMITS"]
    if not times:
        return 0.0
    count = db.session.execute(_counting(SITE, _CALM)).one().count
    return min(count / _CALM.most, _LONGEST_PAUSE) if count > _CALM.most * times else 0.0


def delay(seconds: float) -> None:
    """Sleep. Call it after the commit, outside of the limit on concurrent hash checks."""
    if seconds:
        # The delay is the measure itself: it makes each guess of a password expensive while the site is attacked.
        time.sleep(seconds)


def reset(key: str) -> None:
    """Delete the counter of *key*."""
    db.session.execute(delete(Throttle).where(Throttle.key == key))


def uncount(key: str) -> None:
    """Take back one try, because it succeeded."""
    db.session.execute(
        update(Throttle)
        .where(Throttle.key == key, Throttle.count > 0)
        .values(count=Throttle.count - 1)
        .execution_options(synchronize_session=False)
    )


def _counting(key: str, limit: Limit) -> Any:
    begun = upsert(db.session(), Throttle).values(
        key=key, count=1, window_ends_at=now() + limit.window, locks=0
    )
    is_over = Throttle.window_ends_at < now()
    return begun.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((is_over, 1), else_=Throttle.count + 1),
            "window_ends_at": case((is_over, begun.excluded.window_ends_at), else_=Throttle.window_ends_at),
        },
    ).returning(Throttle.count, Throttle.locks, Throttle.locked_until)


def _lock(key: str, limit: Limit, locks: int) -> datetime:
    until: datetime = now() + min(limit.lock * 2 ** min(locks, 10), limit.longest)
    db.session.execute(
        update(Throttle)
        .where(Throttle.key == key)
        .values(locked_until=until, locks=Throttle.locks + 1, count=0)
        .execution_options(synchronize_session=False)
    )
    return until
