"""Displays of columns in lists and on the page of a row: ``Chip("status", …)`` instead of ``"status"``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _

from app.lib.money import Currency
from app.panel.columns import Column
from app.panel.formatting import NOTHING, cell, time_cell
from app.panel.view_models import Cell
from models.base import Row


@dataclass(frozen=True)
class Display(ABC):
    """The display of the column *path*; `reads` lists the other names that it reads of the row."""

    path: str
    reads: tuple[str, ...] = field(default=(), kw_only=True)
    # The kind of the column's heading; the column's own where it is None.
    kind: str | None = field(default=None, init=False)

    @abstractmethod
    def cell(self, column: Column, row: Row, currency: Currency) -> Cell: ...

    def fact(self, column: Column, row: Row, currency: Currency) -> Cell:
        """The value on the page of a row."""
        return self.cell(column, row, currency)


@dataclass(frozen=True)
class Chip(Display):
    """A value as a coloured chip.

    `colour` maps values to colour tokens, or is a function of the row. `text` is a function of the row that returns the
    text of the chip, or None for the text of the value.
    """

    colour: Mapping[Any, str] | Callable[[Any], str | None] = field(default_factory=dict)
    text: Callable[[Any], str | None] | None = field(default=None, kw_only=True)
    kind: str | None = field(default="chip", init=False)

    def cell(self, column: Column, row: Row, currency: Currency) -> Cell:
        own_text = self.text(row) if self.text else None
        shown = cell(column, row, currency=currency)
        if own_text is None and shown.text == NOTHING:
            return shown
        colour = self.colour(row) if callable(self.colour) else self.colour.get(column.value(row), "gray")
        text = str(column.value(row)) if own_text is None else own_text
        return Cell(column.path, "chip" if colour else shown.kind, text, colour=colour)


@dataclass(frozen=True)
class RelativeTime(Display):
    """A date or moment that shows its delay once it is past; with *when*, only while that property of the row is true."""

    when: str | None = None

    def cell(self, column: Column, row: Row, currency: Currency) -> Cell:
        moment = column.value(row)
        if moment is None:
            return Cell(column.path, "text", NOTHING)
        return time_cell(column.path, moment, can_be_late=self.when is None or bool(getattr(row, self.when)))


@dataclass(frozen=True)
class Flag(Display):
    """A yes-or-no value of which a list shows the exception only: *exception*, as *text* in *colour*."""

    exception: bool = True
    text: LazyString | str | None = field(default=None, kw_only=True)
    colour: str | None = field(default=None, kw_only=True)
    kind: str | None = field(default="boolean", init=False)

    def cell(self, column: Column, row: Row, currency: Currency) -> Cell:
        if column.value(row) is not self.exception:
            return Cell(column.path, "text", NOTHING)
        words = self.text or (_("Yes") if self.exception else _("No"))
        return Cell(column.path, "flag", str(words), colour=self.colour)

    def fact(self, column: Column, row: Row, currency: Currency) -> Cell:
        return cell(column, row, currency=currency)


def exception_flag(column: Column) -> Flag:
    """The flag of a boolean column without a display: its exception is the opposite of the column's default."""
    (stored,) = column.attribute.property.columns
    is_on = stored.default is not None and stored.default.arg is True
    return Flag(column.path, exception=not is_on, colour="gray")


@dataclass(frozen=True)
class Computed(Display):
    """A text that a function of the row returns, or None for the text of the value."""

    text: Callable[[Any], str | None]

    def cell(self, column: Column, row: Row, currency: Currency) -> Cell:
        own_text = self.text(row)
        if own_text is None:
            return cell(column, row, currency=currency)
        return Cell(column.path, "text", own_text or NOTHING)


def split_displays(names: Iterable[str | Display]) -> tuple[tuple[str, ...], dict[str, Display]]:
    """(paths, displays by their paths) of a list of names and displays."""
    listed = list(names)
    displays = {each.path: each for each in listed if isinstance(each, Display)}
    return tuple(each.path if isinstance(each, Display) else each for each in listed), displays
