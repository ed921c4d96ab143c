"""The latest results in the side panel of their row."""

from __future__ import annotations

from typing import Any

from app.panel.side import Latest, LatestEvent
from app.panel.timeline import Event
from app.services.result_entry import Entries


def latest_results(entries: Entries, row: Any, most: int, icon: str) -> Latest:
    """The newest *most* entries of *row* with the number of all."""
    found, total = entries.latest(row, most)
    return Latest([_event_of(each, icon) for each in found], total)


def _event_of(entry: Any, icon: str) -> LatestEvent:
    title = entry.result_title
    event = Event(
        icon=icon,
        chip=title.title,
        colour=title.colour.value,
        text=entry.note or "",
        by=entry.by.full_name,
        next_at=entry.next_at,
    )
    return LatestEvent(entry.id, event, entry.at, entry.by_id)
