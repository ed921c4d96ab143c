"""What the open pages of a member ask for every few seconds: whether something is new, in one statement."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from flask import request
from sqlalchemy import Select, select

from app.extensions import db
from app.panel.notifications.feed import SHOWN, UNREAD
from app.panel.queries.counts import BADGE_CAP, counted, counts_of_every_page
from models.notifications.notification import Notification

# Statements of one value each, whose parameters are filled at each execution, by the argument of the pages that need them.
_WATCHED: dict[str, list[Select[Any]]] = {}
# Its time, because SQLite gives the key of a notification that was replaced to the next one.
_NEWEST = SHOWN.with_only_columns(Notification.created_at).order_by(Notification.id.desc()).limit(1)


def watch(argument: str, *statements: Select[Any]) -> None:
    """Let pages that ask with *argument* notice when the one value of a statement changes.

    Parameters of the statements are filled at each execution.
    """
    _WATCHED[argument] = list(statements)
    _asking.cache_clear()


def mark_of_news() -> tuple[str, datetime | None]:
    """As `mark_of`, of what the page of the request watches."""
    return mark_of(tuple(each for each in _WATCHED if each in request.args))


def mark_of(watched: Sequence[str]) -> tuple[str, datetime | None]:
    """A text that changes with the unread notifications, the newest one and what is *watched*; the time of the newest."""
    found = db.session.execute(_asking(tuple(watched))).one()
    return hashlib.blake2b(repr(tuple(found)).encode(), digest_size=8).hexdigest(), found[1]


@cache
def _asking(arguments: tuple[str, ...]) -> Select[Any]:
    # The number of notifications alone: what changes another number of the menu for the member is one of them.
    unread = counted((counts_of_every_page()[UNREAD], BADGE_CAP))
    watched = (each for argument in arguments for each in _WATCHED[argument])
    return select(unread, _NEWEST.scalar_subquery(), *(each.scalar_subquery() for each in watched))
