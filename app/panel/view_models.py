"""The data of pages for their templates; no class here reads the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, TypeVar


@dataclass(frozen=True)
class Heading:
    name: str
    label: str
    kind: str
    sort_url: str | None = None
    sorted: Literal["asc", "desc"] | None = None
    unit: str | None = None  # of amounts, whose cells do not repeat it
    card: str | None = None  # the place of the column on the card of a row


@dataclass(slots=True, eq=False)
class Cell:
    """A formatted value of a row."""

    column: str
    kind: str
    text: Any
    colour: str | None = None
    href: str | None = None
    hint: str | None = None  # the whole date of a moment
    moment: date | datetime | None = None
    edit: str | None = None  # the column that is edited in the cell
    below: Sequence[Cell] = ()  # the values under it
    names: Sequence[str] = ()  # the short names of the two lines

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
    key: str | None = None  # the letter that opens it on the marked row and in the side panel


class RowButton(NamedTuple):
    """An action as a button in a row; `refusal` is the reason why it can't run there."""

    name: str
    label: str
    refusal: str | None = None
    is_proposed: bool = False


class TableRow(NamedTuple):
    pk: int
    label: str
    cells: tuple[Cell, ...]
    colour: str | None
    href: str | None
    panel_url: str | None
    menu: int | None  # the index in `ListPage.menus`
    version: int | None = None
    edit_url: str | None = None  # of a row that a click opens elsewhere
    acts: Sequence[RowButton] = ()


@dataclass(frozen=True)
class TabLink:
    key: str
    label: str
    url: str
    count: int | None
    active: bool


class FilterChip(NamedTuple):
    """An applied or unreadable filter; `edit_url` opens the values of its field, whose path is `field`."""

    label: str
    value: str
    remove_url: str
    field: str
    edit_url: str
    is_problem: bool = False


class ValueLink(NamedTuple):
    """A field or a value of a filter, and whether the address has it already."""

    label: str
    url: str
    is_applied: bool


@dataclass(frozen=True)
class BulkButton:
    """A button of the bulk bar; with `url` the chosen rows are sent there instead of to an action of the section."""

    name: str
    label: str
    icon: str
    danger: bool = False
    url: str | None = None


_Entry = TypeVar("_Entry", MenuItem, BulkButton)


def danger_last(entries: Iterable[_Entry]) -> list[_Entry]:
    """The entries of a menu, with the dangerous ones at its end."""
    return sorted(entries, key=lambda entry: entry.danger)


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
    posts: bool = False  # the button is an act


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
    first: int | None  # None where the rows before the page are not counted
    last: int | None
    total: int
    total_is_capped: bool
    page_links: PageLinks
    bulk_url: str
    query: str | None  # selects all rows of the list; None where only ticked rows can be chosen
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
    links: Sequence[tuple[str, str]] = ()  # facts about the list, with their addresses
    acts: str | None = None  # the heading of the buttons in the rows; None where no row has any
    # The addresses of the pages of rows and of their inline edits without the key; None where the member may not open them.
    show_url: str | None = None
    inline_url: str | None = None
    chip: str | None = None  # the column whose chips open the menu at `choices_url`
    choices_url: str | None = None

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
    hint: str | None = None
    moment: date | datetime | None = None


class RecordAct(NamedTuple):
    """A button in the head of a row's page; `short` is its label on phones, `key` the key that presses it."""

    label: str
    icon: str
    url: str
    method: Literal["get", "post"] = "get"
    opens: Literal["page", "panel", "dialog"] = "page"
    primary: bool = False
    key: str | None = None
    short: str | None = None


class NextStep(NamedTuple):
    """What is to do next with a row, shown above its timeline."""

    label: str
    about: str
    is_late: bool = False
    act: RecordAct | None = None


class SideItem(NamedTuple):
    """A line of a side sheet; `act` is a button at its end."""

    label: str
    url: str | None = None
    hint: str = ""
    colour: str | None = None
    act: MenuItem | None = None


class SideSheet(NamedTuple):
    """A sheet in the side column of a row's page: figures with their labels, or lines."""

    key: str
    title: str
    figures: Sequence[tuple[str, str]] = ()
    items: Sequence[SideItem] = ()
    button: Button | None = None
    empty: str = ""
    has_more: bool = False  # lines are left out


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
    note: str | None = None


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
    place: str = "dialog"  # the id of the element that shows it

    @property
    def asks(self) -> bool:
        """Whether the form has a visible field."""
        return any(self.form[name].type != "HiddenField" for name in self.fields)
