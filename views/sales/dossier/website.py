"""The website of a company as a link."""

from __future__ import annotations

from dataclasses import dataclass

from app.lib.money import Currency
from app.panel.columns import Column
from app.panel.displays import Display
from app.panel.formatting import NOTHING
from app.panel.view_models import Cell
from models.base import Row


@dataclass(frozen=True)
class WebLink(Display):
    """An address of the web without its scheme, as a link to it."""

    def cell(self, column: Column, row: Row, currency: Currency) -> Cell:
        address = column.value(row)
        if not address:
            return Cell(column.path, "text", NOTHING)
        return Cell(column.path, "text", str(address).partition("://")[2].rstrip("/"), href=address)
