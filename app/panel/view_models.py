"""What a list page is made of, ready for its template: nothing in here asks the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple


@dataclass(frozen=True)
class Heading:
    name: str
    label: str
    kind: str
    sort_url: str | None = None
    sorted: Literal["asc", "desc"] | None = None


@dataclass(slots=True, eq=False)
class Cell:
    """A value as it stands in a row."""

    column: str
    kind: str
    text: Any
    colour: str | None = None
    href: str | None = None
    hint: str | None = None
    note: str | None = None
    edit_url: str | None = None

    def but(self, **changes: Any) -> Cell:
        """A cell like this one with *changes*."""
        return replace(self, **changes)


# Stands in a menu's addresses for the key of the row whose menu is opened; `menus.js` replaces it.
ROW_KEY = "__pk__"


@dataclass(frozen=True)
class MenuItem:
    """One line of a row's ⋮ menu: `url` has `ROW_KEY` in place of the row's key, `opens` is where its answer goes."""

    label: str
    icon: str
    url: str
    method: Literal["get", "post"] = "get"
    opens: Literal["page", "panel", "dialog"] = "page"
    confirm: str | None = None
    danger: bool = False


class TableRow(NamedTuple):
    pk: int
    label: str
    cells: tuple[Cell, ...]
    colour: str | None
    href: str | None
    panel_url: str | None
    menu: int | None  # which of the page's menus
    version: int | None = None


@dataclass(frozen=True)
class TabLink:
    key: str
    label: str
    url: str
    count: int | None
    active: bool


@dataclass(frozen=True)
class FilterChip:
    label: str
    value: str
    remove_url: str
    is_problem: bool = False


@dataclass(frozen=True)
class BulkButton:
    """A button of the bulk bar; with `url` the chosen rows go there instead of to the section's own actions."""

    name: str
    label: str
    icon: str
    danger: bool = False
    url: str | None = None


@dataclass(frozen=True)
class Button:
    label: str
    icon: str
    url: str
    opens: Literal["page", "panel", "dialog"] = "page"
    primary: bool = False


@dataclass(frozen=True)
class Empty:
    title: str
    hint: str
    label: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class PageLinks:
    """Where one can turn to from a page; None where there is nothing."""

    first: str | None = None
    previous: str | None = None
    next: str | None = None
    last: str | None = None

    def __bool__(self) -> bool:
        return bool(self.previous or self.next)


@dataclass(frozen=True)
class TableTools:
    """How the table stands, and where that is changed."""

    is_compact: bool
    settings_url: str
    views_url: str
    view_name: str
    print_url: str


@dataclass(frozen=True)
class ListPage:
    title: str
    title_one: str
    base_url: str
    search: str
    search_hint: str
    columns: Sequence[Heading]
    rows: Sequence[TableRow]
    menus: Sequence[Sequence[MenuItem]]
    # Numbers of the first and last row of the page; None where nobody has counted so far.
    first: int | None
    last: int | None
    total: int
    total_is_capped: bool
    page_links: PageLinks
    bulk_url: str
    query: (
        str | None
    )  # which rows the list is about, as an address says it; None where only ticked ones can be meant
    empty: Empty
    filtered: bool
    tabs: Sequence[TabLink] = field(default_factory=list)
    chips: Sequence[FilterChip] = field(default_factory=list)
    filters_url: str | None = None
    clear_url: str = ""
    bulk: Sequence[BulkButton] = field(default_factory=list)
    buttons: Sequence[Button] = field(default_factory=list)
    table: TableTools | None = None
    note: str | None = None  # what there is to say of all these rows

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands over the columns, for each cell where the table is no table (on a phone)."""
        return tuple(column.label for column in self.columns)

    @property
    def versions(self) -> str:
        """Which version of each row the page shows, as the bulk bar posts it."""
        return ",".join(f"{row.pk}:{row.version}" for row in self.rows if row.version is not None)


@dataclass(frozen=True)
class Fact:
    label: str
    kind: str
    text: Any
    colour: str | None = None
    href: str | None = None


@dataclass(frozen=True)
class ShowPage:
    title: str
    subtitle: str
    facts: Sequence[Fact]
    back_url: str
    buttons: Sequence[Button] = field(default_factory=list)
    tabs: Sequence[TabLink] = field(default_factory=list)
    files: FilesPanel | None = None


@dataclass(frozen=True)
class FileLine:
    """A file of a row; `act_url` deletes it, or brings it back when it is deleted."""

    name: str
    icon: str
    size: str
    by: str
    at: datetime
    url: str | None
    act_url: str | None


@dataclass(frozen=True)
class FilesPanel:
    """The files of a row, those in the trash, and the form for more."""

    url: str
    lines: Sequence[FileLine]
    deleted: Sequence[FileLine]
    form: Any = None
    hidden: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class FormPage:
    title: str
    back_url: str
    form: Any
    fields: Sequence[str]
    submit_label: str
    errors_count: int
    locked: Sequence[Fact] = ()
    hidden: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Step:
    """The dialog between a bulk button and its act: what will happen, to how many, and what it still asks."""

    title: str
    sentence: str
    action_url: str
    hidden: list[tuple[str, str]]
    submit_label: str
    form: Any = None
    fields: Sequence[str] = field(default_factory=list)
    danger: bool = False
    typed_count: int | None = None
    typed_error: str | None = None
    lines: Sequence[str] = ()  # what else there is to say of it

    @property
    def asks(self) -> bool:
        """Whether there is a field to fill in."""
        return any(self.form[name].type != "HiddenField" for name in self.fields)
