"""The rows of a section's table: cells, links and menus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask_babel import gettext as _

from app.lib.money import Currency
from app.panel.access import permitted
from app.panel.actor import currency
from app.panel.columns import Column, Kind
from app.panel.declaration import Declaration
from app.panel.displays import exception_flag
from app.panel.formatting import NOTHING, cell_writer
from app.panel.forms.locking import version_of
from app.panel.forms.owner import withheld_names
from app.panel.lists.row_acts import row_acts
from app.panel.lists.row_menus import RowMenus
from app.panel.view_models import Cell, TableRow

Writer = Callable[[Any], Cell]
# A column has room for about thirty letters.
LONGEST_TEXT = 80


def table_rows(section: Declaration, rows: Sequence[Any], menus: RowMenus) -> Sequence[TableRow]:
    columns, may_show = section.shown_columns(), permitted(section, "can_show")
    writers, number = _writers(section, columns, currency()), _number_writer(columns)
    inline, may_edit = inline_names(section), permitted(section, "can_edit")
    on_row = [each for each in section.offered() if each.on_row]
    return [
        TableRow(
            pk=row.id,
            label=str(row),
            cells=_cells(writers, number, row, inline),
            colour=section.row_colour(row),
            href=f"{section.base_url}show/{row.id}" if may_show else None,
            panel_url=section.panel_url(row),
            menu=menus.number_of(row),
            version=version_of(row),
            edit_url=f"{section.base_url}edit/{row.id}" if may_edit and section.panel_url(row) else None,
            acts=row_acts(section, on_row, row) if on_row else (),
        )
        for row in rows
    ]


def inline_names(section: Declaration) -> frozenset[str]:
    """The columns that the member may edit in the list."""
    if not section.inline or not permitted(section, "can_edit"):
        return frozenset()
    return frozenset(section.inline) - withheld_names(section)


def _cells(
    writers: Sequence[Writer], number: Writer | None, row: Any, inline: frozenset[str]
) -> tuple[Cell, ...]:
    cells = [write(row) for write in writers]
    first = cells[0]
    # A person without a name is called by their number, which has a column of its own.
    numbers = [each.text for each in first.below if each.kind == "mobile"]
    numbers += [number(row).text] if number is not None else []
    if first.text == NOTHING or _is_number(first, numbers):
        cells[0] = first.with_changes(kind="nameless", text=_("No name"))
    if inline:
        cells = [each.with_changes(edit=each.column) if each.column in inline else each for each in cells]
    return tuple(cells)


def _is_number(first: Cell, numbers: Sequence[str]) -> bool:
    """Whether the name of the row is its number."""
    text = str(first.text)
    return text.startswith("۰") and text.replace("\u00a0", " ") in numbers


def _number_writer(columns: Sequence[Column]) -> Writer | None:
    """The function that makes the cell of the mobile number, if the list has one after the name."""
    found = next((column for column in columns[1:] if column.kind is Kind.MOBILE), None)
    return None if found is None else cell_writer(found, Currency.RIAL)


def _writers(section: Declaration, columns: Sequence[Column], unit: Currency) -> Sequence[Writer]:
    """A function for each column that makes its cell of a row."""
    return [_writer(section, column, unit) for column in columns]


def _writer(section: Declaration, column: Column, unit: Currency) -> Writer:
    write = _plain_writer(section, column, unit)
    if column.path not in section.under:
        return write
    under = section.under[column.path]
    below = [_plain_writer(section, section.describe(path), unit) for path in under.paths]
    names = [str(name) for name in under.names or ()]
    return lambda row: write(row).with_changes(below=[each(row) for each in below], names=names)


def _plain_writer(section: Declaration, column: Column, unit: Currency) -> Writer:
    if column.path in section.displays:
        return partial(section.cell_of, column, unit=unit)
    if column.kind is Kind.BOOLEAN and column.attribute is not None:
        return lambda row: exception_flag(column).cell(column, row, unit)
    # Without a display the plain writer does the same as `cell_of` in less time.
    write = cell_writer(column, unit)
    return partial(_shortened, write) if column.kind is Kind.LONG_TEXT else write


def _shortened(write: Writer, row: Any) -> Cell:
    """The cell of a long text, as far as a column shows it."""
    each = write(row)
    if len(each.text) <= LONGEST_TEXT:
        return each
    return each.with_changes(text=f"{each.text[:LONGEST_TEXT]}…")
