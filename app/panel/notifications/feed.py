"""A member's notifications as their page and the bell show them: by day, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Integer, bindparam, select

from app.extensions import db
from app.lib.persian import group_number
from app.panel.actor import member_id
from app.panel.formatting import spoken_time
from app.panel.notifications.reach import is_within_reach, within_reach
from app.panel.notifications.word import Notify, word_of
from app.panel.queries.counts import count_on_every_page, page_count
from app.panel.timeline.page import group_of
from models.notifications.notification import Notification

SIZE, SIZE_OF_BELL = 30, 7
UNREAD = "notifications"

# One statement for all members, whose parameter is filled at each execution.
_ME = bindparam("reader_id", type_=Integer, callable_=member_id)
SHOWN = select(Notification).where(Notification.member_id == _ME, Notification.dismissed_at.is_(None))
_UNREAD = SHOWN.where(Notification.read_at.is_(None))
count_on_every_page(UNREAD, _UNREAD)


@dataclass(frozen=True)
class ShownNotification:
    """A notification in words. Without `url` its row is out of the member's reach, and nothing is said about it."""

    id: int
    icon: str
    text: str
    url: str | None
    about: str
    is_read: bool
    is_problem: bool
    at: datetime
    when: str
    full_time: str
    # Buttons: their label, address and tooltip.
    acts: Sequence[tuple[str, str, str]] = ()


@dataclass(frozen=True)
class NotificationGroup:
    """The notifications of a day or a month; without a label they continue the page before."""

    label: str
    items: Sequence[ShownNotification]


@dataclass(frozen=True)
class NotificationPage:
    groups: Sequence[NotificationGroup] = field(default_factory=list)
    # The key of the last notification, where older ones exist.
    older: int | None = None


def unread_count() -> int:
    """The capped number of unread notifications of the member."""
    return page_count(UNREAD)


def notification_page(
    *, before: int | None = None, is_unread: bool = False, size: int = SIZE
) -> NotificationPage:
    """The newest *size* notifications of the member, or those older than the one with the key *before*."""
    statement = _UNREAD if is_unread else SHOWN
    if before is not None:
        # With the last one of the page before, whose heading is not repeated.
        statement = statement.where(Notification.id <= before)
    found = list(db.session.scalars(statement.order_by(Notification.id.desc()).limit(size + 2)))
    last = (
        group_of(found.pop(0).created_at) if before is not None and found and found[0].id == before else None
    )
    shown = found[:size]
    reach = within_reach(shown)
    groups = [
        NotificationGroup("" if label == last else label, [_shown(each, reach) for each in members])
        for label, members in groupby(shown, lambda each: group_of(each.created_at))
    ]
    return NotificationPage(groups, shown[-1].id if len(found) > size else None)


def _shown(row: Notification, reach: Mapping[tuple[str, str], set[int]]) -> ShownNotification:
    known, time = word_of(row.kind), spoken_time(row.created_at)
    if known is None or not is_within_reach(row, known, reach):
        icon, text, url, about, is_problem = (
            "eye-off",
            _("What this was about is no longer within your reach."),
            None,
            "",
            False,
        )
    else:
        view, word = known
        icon, text, url = word.icon or view.icon, _words(row, word), row.address
        about, is_problem = str(view.title), word.is_problem
    is_read = row.read_at is not None
    return ShownNotification(
        row.id,
        icon,
        text,
        url,
        about,
        is_read,
        is_problem,
        row.created_at,
        time.words,
        time.full,
        acts=() if known is None or url is None or is_read else _acts(row, *known),
    )


def _acts(row: Notification, view: Any, word: Notify) -> Sequence[tuple[str, str, str]]:
    """The buttons of an unread notification of one row."""
    if row.row_id is None:
        return ()
    found = [(each.label, each.path.format(id=row.row_id), each.about) for each in word.acts]
    return [(str(label), f"/{view.slug}/{path}", str(about)) for label, path, about in found]


def _words(row: Notification, word: Notify) -> str:
    if row.row_id is None or row.count > 1:
        return str(word.many) % {"num": group_number(row.count), "name": row.params.get("name", "")}
    return str(word.text) % {"name": row.params.get("name", "")}
