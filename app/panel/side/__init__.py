"""The word `panel`: who a row is about, its latest events, and a form that registers the next one, beside the list."""

from app.panel.side.declaration import Choice, Latest, LatestEvent, SidePanel, Who, link
from app.panel.side.form import EntryForm

__all__ = ["Choice", "EntryForm", "Latest", "LatestEvent", "SidePanel", "Who", "link"]
