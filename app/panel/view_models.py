"""The data of pages for their templates; no class here reads the database."""

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
    """A formatted value of a row."""

    column: str
    kind: str
    text: Any
    colour: str | None = None
    href: str | None = None
    hint: str | None = None
    note: str | None = None
    edit_url: str | None = None

    def with_changes(self, **changes: Any) -> Cell:
        """A copy of the cell with *changes*."""
        return replace(self, **changes)


# The placeholder for the key of the row in the addresses of a menu; `menus.js` replaces it.
ROW_KEY = "__pk__"


@dataclass(frozen=True)
class MenuItem:
    """An entry of a row's ⋮ menu. `url` contains `ROW_KEY`; `opens` is the place that shows the response."""

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
    menu: int | None  # the index in `ListPage.menus`
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
    """A button of the bulk bar; with `url` the chosen rows are sent there instead of to an action of the section."""

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
    """The addresses of the other pages of a list; None where there is no such page."""

    first: str | None = None
    previous: str | None = None
    next: str | None = None
    last: str | None = None

    def __bool__(self) -> bool:
        return bool(self.previous or self.next)


@dataclass(frozen=True)
class TableTools:
    """The density and view of a table, and the addresses that change them."""

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
    # Numbers of the first and last row of the page; None where the rows before it are not counted.
    first: int | None
    last: int | None
    total: int
    total_is_capped: bool
    page_links: PageLinks
    bulk_url: str
    # The query string that selects all rows of the list; None where only ticked rows can be chosen.
    query: str | None
    empty: Empty
    filtered: bool
    tabs: Sequence[TabLink] = field(default_factory=list)
    chips: Sequence[FilterChip] = field(default_factory=list)
    filters_url: str | None = None
    clear_url: str = ""
    bulk: Sequence[BulkButton] = field(default_factory=list)
    buttons: Sequence[Button] = field(default_factory=list)
    table: TableTools | None = None
    note: str | None = None  # a sentence about all rows

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the columns; on a phone each cell shows its own."""
        return tuple(column.label for column in self.columns)

    @property
    def versions(self) -> str:
        """The versions of the rows as the bulk bar posts them: ``key:version,…``."""
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
    """A file of a row; `act_url` deletes it, or restores a deleted one."""

    name: str
    icon: str
    size: str
    by: str
    at: datetime
    url: str | None
    act_url: str | None


@dataclass(frozen=True)
class FilesPanel:
    """The files of a row, those in the trash, and the upload form."""

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
    """The dialog before an action runs: its confirmation and its form."""

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
    lines: Sequence[str] = ()  # further sentences

    @property
    def asks(self) -> bool:
        """Whether the form has a visible field."""
        return any(self.form[name].type != "HiddenField" for name in self.fields)
