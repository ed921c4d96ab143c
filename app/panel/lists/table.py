"""The rows of a section's table: cells, links and menus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from app.lib.money import Currency
from app.panel.access import permitted
from app.panel.actor import currency
from app.panel.columns import Column
from app.panel.declaration import Declaration
from app.panel.formatting import cell_writer
from app.panel.forms.locking import version_of
from app.panel.forms.owner import withheld_names
from app.panel.lists.row_menus import RowMenus
from app.panel.view_models import Cell, TableRow
from models.base import Row


def table_rows(section: Declaration, rows: Sequence[Any], menus: RowMenus) -> Sequence[TableRow]:
    unit, columns, may_show = currency(), section.shown_columns(), permitted(section, "can_show")
    writers = _writers(section, columns, unit)
    editable = set(section.inline) - withheld_names(section)
    inline = [column.path for column in columns if column.path in editable]
    if not permitted(section, "can_edit"):
        inline = []
    return [
        TableRow(
            pk=row.id,
            label=str(row),
            cells=_with_pencils(section, tuple([write(row) for write in writers]), row, inline),
            colour=section.row_colour(row),
            href=f"{section.base_url}show/{row.id}" if may_show else None,
            panel_url=section.panel_url(row),
            menu=menus.number_of(row),
            version=version_of(row),
        )
        for row in rows
    ]


def _with_pencils(
    section: Declaration, cells: tuple[Cell, ...], row: Row, inline: Sequence[str]
) -> tuple[Cell, ...]:
    """*cells*, with the address of the inline edit in those of the columns *inline*."""
    if not inline:
        return cells
    base = f"{section.base_url}inline/{row.id}/"
    return tuple(
        each.with_changes(edit_url=base + each.column) if each.column in inline else each for each in cells
    )


def _writers(
    section: Declaration, columns: Sequence[Column], unit: Currency
) -> Sequence[Callable[[Any], Cell]]:
    """A function for each column that makes its cell of a row."""
    # Without a display the plain writer does the same as `cell_of` in less time.
    return [
        partial(section.cell_of, column, unit=unit)
        if column.path in section.displays
        else cell_writer(column, unit)
        for column in columns
    ]
