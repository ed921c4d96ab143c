"""The declaration of a side panel, and what its functions return."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import LazyString
from markupsafe import Markup

from app.panel.side.form import EntryForm
from app.panel.timeline import Event


def link(text: str, url: str) -> Markup:
    """A link within a fact."""
    return Markup('<a href="{}">{}</a>').format(url, text)


@dataclass(frozen=True)
class Who:
    """The head of a panel: a name with the address of its page, a number to call, facts (which may have links), and notes with labels."""

    name: str
    url: str | None = None
    mobile: str | None = None
    facts: Sequence[str] = ()
    notes: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class LatestEvent:
    """One of the latest events; `key` and `by_id` tell whether the member has seen it, and whose it is."""

    key: int
    event: Event
    at: datetime
    by_id: int


@dataclass(frozen=True)
class Latest:
    """The newest events, and the number of all."""

    events: Sequence[LatestEvent] = ()
    total: int = 0


@dataclass(frozen=True)
class Choice:
    """An entry of the menu of a row's chip; one that needs more opens the panel, the others register at once."""

    key: int
    label: str
    colour: str
    hint: str = ""
    needs_more: bool = False


@dataclass(frozen=True)
class SidePanel:
    """The panel of a row: `who` it is about, the latest events of its `timeline`, and the `form` for the next one.

    `right` is the label of the right to register (``record``). `next` names the tabs that are worked through from top to
    bottom: there the main button goes on to the next row.
    """

    form: type[EntryForm]
    who: Callable[[Any, Any], Who]  # (section, row)
    timeline: Callable[[Any], Latest]
    right: LazyString
    label: LazyString  # what the form does: its heading
    next: frozenset[str] = frozenset()
    # The parents of a row that `who` reads; they may be deleted.
    parents: Sequence[str] = ()
    # Asked before a typed note is lost.
    watch: LazyString | None = None
    # The fields of the form; by default each below the other.
    template: str = "panel/side/_fields.html"
    # The column whose chips open the menu of `Section.choices()`.
    chip: str | None = None
