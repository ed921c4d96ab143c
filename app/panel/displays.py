"""Words for a column that a list or a row's page shows in its own way: ``Chip("status", …)`` in place of ``"status"``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.lib.money import Currency
from app.panel.columns import Column
from app.panel.formatting import NOTHING, cell, late_words
from app.panel.view_models import Cell


@dataclass(frozen=True)
class Display(ABC):
    """The column *path*; `reads` names what else of the row the display needs."""

    path: str
    reads: tuple[str, ...] = field(default=(), kw_only=True)
    # The kind of the column's heading; the column's own where it is None.
    kind: str | None = field(default=None, init=False)

    @abstractmethod
    def cell(self, column: Column, row: Any, currency: Currency) -> Cell: ...


@dataclass(frozen=True)
class Chip(Display):
    """A value with a coloured mark.

    `colour` is a token by value, or a function of the row. `text` is a function of the row that returns other words than
    the value's, or None for the value's own.
    """

    colour: Mapping[Any, str] | Callable[[Any], str | None] = field(default_factory=dict)
    text: Callable[[Any], str | None] | None = field(default=None, kw_only=True)
    kind: str | None = field(default="chip", init=False)

    def cell(self, column: Column, row: Any, currency: Currency) -> Cell:
        words = self.text(row) if self.text else None
        shown = cell(column, row, currency=currency)
        if words is None and shown.text == NOTHING:
            return shown
        colour = self.colour(row) if callable(self.colour) else self.colour.get(column.value(row), "gray")
        text = str(column.value(row)) if words is None else words
        return Cell(column.path, "chip" if colour else shown.kind, text, colour=colour)


@dataclass(frozen=True)
class RelativeTime(Display):
    """A moment with its delay when it is in the past; where *when* is given, only while that property is true."""

    when: str | None = None

    def cell(self, column: Column, row: Any, currency: Currency) -> Cell:
        moment = column.value(row)
        matters = moment is not None and (self.when is None or getattr(row, self.when))
        return cell(column, row, currency=currency, note=late_words(moment) if matters else None)


@dataclass(frozen=True)
class Computed(Display):
    """A text that a function of the row returns; None for the value's own."""

    text: Callable[[Any], str | None]

    def cell(self, column: Column, row: Any, currency: Currency) -> Cell:
        words = self.text(row)
        return (
            cell(column, row, currency=currency)
            if words is None
            else Cell(column.path, "text", words or NOTHING)
        )


def split_displays(names: Iterable[str | Display]) -> tuple[tuple[str, ...], dict[str, Display]]:
    """(the paths, the displays by their paths) of what a declaration lists."""
    listed = list(names)
    displays = {each.path: each for each in listed if isinstance(each, Display)}
    return tuple(each.path if isinstance(each, Display) else each for each in listed), displays
