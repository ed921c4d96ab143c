"""The groups of a timeline for its template: by day, then by month, with runs of small events folded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.lib.jalali import TEHRAN, day_and_month, format_time, long_date, month_and_year, to_jalali, today
from app.panel.formatting import spoken_time
from app.panel.timeline.place import Place
from app.panel.timeline.source import Event, EventFile, Source, Timeline
from app.panel.timeline.statement import SIZE, Found, read_events
from models.attachment import Attachment
from models.base import Row

# Events of the last days are grouped by day, older ones by month.
_DAYS = 30
# So many events of one kind on a day are folded.
_FOLDED_FROM = 3


@dataclass(frozen=True)
class ShownEvent:
    """An event with its words for time, and its files."""

    event: Event
    at: datetime
    when: str
    full_time: str
    next_words: str
    files: Sequence[EventFile]


@dataclass(frozen=True)
class Run:
    """Events of one group that stand together; with a label they are folded."""

    events: Sequence[ShownEvent]
    label: str = ""


@dataclass(frozen=True)
class EventGroup:
    """The events of a day or a month; without a label they continue the last group of the page before."""

    label: str
    runs: Sequence[Run]


@dataclass(frozen=True)
class TimelinePage:
    groups: Sequence[EventGroup] = field(default_factory=list)
    # The place of the last event, where older ones exist.
    older: str | None = None


def timeline_page(
    timeline: Timeline, record: Row, before: Place | None = None, *, size: int = SIZE
) -> TimelinePage:
    """The newest *size* events of *record*, or those older than *before*."""
    found = read_events(timeline, record, before, size=size)
    shown = found[:size]
    files = _files_of(shown)
    last = group_of(before.at) if before else None
    groups = []
    for label, members in groupby(shown, lambda each: group_of(each.place.at)):
        groups.append(EventGroup("" if label == last else label, _runs(list(members), files)))
    return TimelinePage(groups, str(shown[-1].place) if len(found) > size else None)


def _runs(members: Sequence[Found], files: Mapping[tuple[int, int], list[EventFile]]) -> list[Run]:
    runs = []
    for (kind, _day), each in groupby(members, lambda each: (each.place.kind, _day_of(each.place.at))):
        same = list(each)
        events = [_shown(one, files.get((kind, one.place.key), ())) for one in same]
        fold = same[0].source.fold
        if fold is not None and len(events) >= _FOLDED_FROM:
            runs.append(Run(events, fold(len(events))))
        else:
            runs.append(Run(events))
    return runs


def _shown(found: Found, files: Sequence[EventFile]) -> ShownEvent:
    event, at = found.source.event(found.row), found.place.at
    when = format_time(at) if _is_recent(at) else day_and_month(at)
    full = f"{long_date(at)}، {format_time(at)}"
    return ShownEvent(event, at, when, full, spoken_time(event.next_at).words if event.next_at else "", files)


def _files_of(shown: Sequence[Found]) -> dict[tuple[int, int], list[EventFile]]:
    """The files of the events by kind and key; one statement for each source that has any."""
    files: dict[tuple[int, int], list[EventFile]] = {}
    kinds = {each.place.kind: each.source for each in shown if each.source.files is not None}
    for kind, source in kinds.items():
        rows = {each.place.key: each.row for each in shown if each.place.kind == kind}
        for key, name, uuid in _attachments(source, list(rows)):
            address = source.files_url(rows[key]) if source.files_url else ""
            files.setdefault((kind, key), []).append(EventFile(name, f"{address}/files/{uuid}"))
    return files


def _attachments(source: Source, keys: Sequence[int]) -> Sequence[Any]:
    link = source.files
    if link is None:
        return ()
    columns = select(link, Attachment.original_name, Attachment.uuid)
    found: Sequence[Any] = db.session.execute(columns.where(link.in_(keys)).order_by(Attachment.id)).all()
    return found


def _day_of(at: datetime) -> date:
    return at.astimezone(TEHRAN).date()


def _is_recent(at: datetime) -> bool:
    return _day_of(at) > today() - timedelta(days=_DAYS)


def group_of(at: datetime) -> str:
    """The heading of an event: «Today», «Yesterday», a day, or a month."""
    if not _is_recent(at):
        return month_and_year(at)
    return _day_words(at)


def _day_words(at: datetime) -> str:
    away = (_day_of(at) - today()).days
    near: dict[int, str] = {-1: _("Yesterday"), 0: _("Today"), 1: _("Tomorrow")}
    if away in near:
        return near[away]
    is_this_year = to_jalali(at).year == to_jalali(today()).year
    return day_and_month(at, with_year=not is_this_year)
