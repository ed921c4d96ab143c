"""The data of a row's page for its template; no class here reads the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.panel.timeline.page import TimelinePage
from app.panel.view_models import Cell, Fact, MenuItem, NextStep, RecordAct, SideSheet, TabLink


@dataclass(frozen=True)
class RecordHead:
    """The head of a row's page; without `letters` the icon of its section stands beside the name."""

    letters: str
    icon: str
    facts: Sequence[Fact]
    acts: Sequence[RecordAct]
    menu: Sequence[MenuItem]
    edit_url: str | None = None


@dataclass(frozen=True)
class EmptyFact:
    """A value that the row does not have, and the address of the field that fills it."""

    label: str
    url: str | None


@dataclass(frozen=True)
class ShownSum:
    """A total below the lines; `minus` says that it is subtracted."""

    label: str
    cell: Cell
    minus: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to subtract."""
        return self.minus and self.cell.text in {"—", "۰"}


@dataclass(frozen=True)
class LinesTable:
    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    sums: Sequence[ShownSum]


@dataclass(frozen=True)
class ChildRow:
    """A child of the row; `flag` is the label of the flag that it has among its siblings."""

    pk: int
    label: str
    cells: Sequence[Cell]
    flag: str | None
    menu: Sequence[MenuItem]
    copied: str | None = None
    files: Sequence[tuple[str, str]] = ()  # (name, address)


@dataclass(frozen=True)
class Children:
    """The children of one kind; without `add_url` the member may not add one."""

    key: str
    title: str
    url: str
    headings: Sequence[str]
    rows: Sequence[ChildRow]
    has_files: bool
    add_label: str
    add_url: str | None
    empty: str


@dataclass(frozen=True)
class ShowPage:
    title: str
    subtitle: str
    facts: Sequence[Fact]
    back_url: str
    back_label: str = ""
    head: RecordHead | None = None
    empty: Sequence[EmptyFact] = ()
    timeline: TimelinePage | None = None
    timeline_url: str = ""
    next_step: NextStep | None = None
    tabs: Sequence[TabLink] = field(default_factory=list)
    files: FilesPanel | None = None
    lines: LinesTable | None = None
    children: Sequence[Children] = ()
    sheets: Sequence[SideSheet] = ()
    sheets_url: str = ""


@dataclass(frozen=True)
class FileLine:
    """A file of a row; `act_url` deletes it, or restores a deleted one."""

    name: str
    icon: str
    size: str
    by: str
    at: datetime
    url: str | None
    act_url: str | None
    # What the scanner says, if anything.
    scan: str = ""
    is_infected: bool = False


@dataclass(frozen=True)
class FilesPanel:
    """The files of a row, those in the trash, and the upload form."""

    url: str
    lines: Sequence[FileLine]
    deleted: Sequence[FileLine]
    form: Any = None
    hidden: Sequence[tuple[str, str]] = ()
