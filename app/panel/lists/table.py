"""The rows of a section's table: their cells, where each leads, and what its menu offers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any

from flask_babel import gettext as _

from app.panel.access import permitted
from app.panel.actor import currency
from app.panel.columns import Column
from app.panel.declaration import Declared
from app.panel.formatting import cell_writer
from app.panel.forms.locking import version_of
from app.panel.forms.owner import withheld_names
from app.panel.lists.contributions import contributions_to
from app.panel.lists.row_menus import RowMenus
from app.panel.view_models import Cell, MenuItem, TableRow


class TableRows(Declared):
    """What sections may say of their rows, and how rows are made of it."""

    def table_rows(self, rows: Sequence[Any], menus: RowMenus) -> Sequence[TableRow]:
        unit, columns, may_show = currency(), self.shown_columns(), permitted(self, "can_show")
        writers = self._writers(columns, unit)
        editable = set(self.inline) - withheld_names(self)
        inline = [column.path for column in columns if column.path in editable]
        if not permitted(self, "can_edit"):
            inline = []
        return [
            TableRow(
                pk=row.id,
                label=str(row),
                cells=self._with_pencils(tuple([write(row) for write in writers]), row, inline),
                colour=self.row_colour(row),
                href=f"{self.base_url}show/{row.id}" if may_show else None,
                panel_url=self.panel_url(row),
                menu=menus.number_of(row),
                version=version_of(row),
            )
            for row in rows
        ]

    def _with_pencils(self, cells: tuple[Cell, ...], row: Any, inline: Sequence[str]) -> tuple[Cell, ...]:
        """*cells* with the address at which those in the columns *inline* are edited."""
        if not inline:
            return cells
        base = f"{self.base_url}inline/{row.id}/"
        return tuple(
            each.but(edit_url=base + each.column) if each.column in inline else each for each in cells
        )

    def _writers(self, columns: Sequence[Column], unit: Any) -> Sequence[Callable[[Any], Cell]]:
        """What writes each column's cells: `cell_of` where it may know better, else the column's own way at once."""
        return [
            partial(self.cell_of, column, unit=unit) if self._is_own(column) else cell_writer(column, unit)
            for column in columns
        ]

    def _is_own(self, column: Column) -> bool:
        if column.path in self.chips:
            return True
        is_overridden = type(self).cell_of is not Declared.cell_of
        return is_overridden and (not self.own_cells or column.path in self.own_cells)

    def panel_url(self, row: Any) -> str | None:
        return None

    def menu_kind(self, row: Any) -> Hashable:
        """What the row's menu depends on; rows of one kind share theirs."""
        return None

    def row_menu(self, row: Any) -> Sequence[MenuItem]:
        """The ⋮ menu: what the declaration and the member's rights allow, then what other features add."""
        return [*self.own_items(row), *self.contributed_items(row)]

    def contributed_items(self, row: Any) -> Sequence[MenuItem]:
        return [item for each in contributions_to(self) for item in each.row_items(self, row)]

    def own_items(self, row: Any) -> Sequence[MenuItem]:
        items = []
        if permitted(self, "can_show"):
            items.append(MenuItem(_("View"), "eye", f"{self.base_url}show/{row.id}"))
        if permitted(self, "can_edit"):
            items.append(MenuItem(_("Edit"), "pencil", f"{self.base_url}edit/{row.id}"))
        if permitted(self, "can_trail"):
            items.append(MenuItem(_("Events of this row"), "timeline", f"{self.base_url}trail/{row.id}"))
        for each in self.offered():
            if each.single:
                url = f"{self.base_url}action/{each.name}/{row.id}"
                items.append(MenuItem(str(each.label), each.icon, url, "post", "dialog", danger=each.danger))
        return items
