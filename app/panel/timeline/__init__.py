"""The word `timeline`: events of several sections in one stream on the page of a row, newest first."""

from app.panel.timeline.source import Event, EventFile, Record, Source, Timeline

__all__ = ["Event", "EventFile", "Record", "Source", "Timeline"]
