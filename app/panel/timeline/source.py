"""The declaration of a timeline: its sources, and what they show of each event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam
from sqlalchemy.orm import InstrumentedAttribute

from app.panel.columns import describe
from models.base import Row


@dataclass(frozen=True)
class EventFile:
    name: str
    url: str


@dataclass(frozen=True)
class Event:
    """One event as a timeline shows it: a chip or a title, what it is about, a text, and who did it."""

    icon: str
    title: str = ""
    url: str | None = None
    chip: str | None = None
    colour: str | None = None
    state: str = ""
    about: str = ""
    text: str = ""
    by: str = ""
    next_at: datetime | None = None
    # The text as a message to the customer («out») or from them («in»).
    bubble: Literal["in", "out"] | None = None
    # A muted line without an icon.
    is_small: bool = False


class Record:
    """The row whose page shows the timeline, as parameters of the statement: ``record["customer.mobile"]``."""

    def __init__(self, model: type[Row]) -> None:
        self.model = model
        self.paths: set[str] = set()
        # The kind and the number of the range for which conditions are being built.
        self.range = 0, 0

    def each(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """Whether *column* is the value of the range that is read, one of those that `Source.ranges` gives."""
        return column == bindparam(range_name(*self.range), type_=column.type)

    def __getitem__(self, path: str) -> BindParameter[Any]:
        self.paths.add(path)
        column = describe(self.model, path)
        return bindparam(_name(path), type_=column.attribute.type)

    def values(self, row: Row) -> dict[str, Any]:
        """The values of the parameters in *row*."""
        found = {path: describe(self.model, path).value(row) for path in self.paths}
        return {_name(path): value for path, value in found.items()}


def range_name(kind: int, number: int) -> str:
    """The parameter with the value of a range of a source."""
    return f"range_{kind}_{number}"


def _name(path: str) -> str:
    return f"record_{path.replace('.', '__')}"


@dataclass(frozen=True, eq=False)
class Source:
    """Rows of *model* that are events on the page of another row; `section` is the slug whose right and scope they need.

    `of` has a condition for each model on whose page the rows stand. `scope` ties rows of another model than the
    section's to its rows. `ranges` are values of the page's row: each is a range of its own, that `Record.each` compares
    with a column. `files` is the column of attachments that refers to the row, and `files_url` their address.
    """

    section: str
    model: Any
    at: str
    of: Mapping[type[Row], Callable[[Record], ColumnElement[bool]]]
    event: Callable[[Any], Event]
    # The names that `event` and `files_url` read of a row, as in `preload`.
    reads: Sequence[str] = ()
    scope: Callable[[Select[Any], Record], ColumnElement[bool]] | None = None
    ranges: Callable[[Any], Sequence[Any]] | None = None
    files: InstrumentedAttribute[Any] | None = None
    files_url: Callable[[Any], str] | None = None
    # «4 SMS»: the words for several events of one day in a row, which are folded.
    fold: Callable[[int], str] | None = None


class Timeline:
    """The events of *sources* in one stream."""

    def __init__(self, *sources: Source) -> None:
        self.sources = sources
