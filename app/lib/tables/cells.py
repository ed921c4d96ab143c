"""Cells of a table file as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from app.lib.jalali import TEHRAN, format_date, format_datetime
from app.lib.tables.formula import is_formula

# Halves of surrogate pairs, which undecodable bytes become, and NUL.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_SAMPLE_LENGTH = 60


def as_text(cell: Any) -> str:
    """A cell as text: whole numbers without «.0», dates in the Jalali calendar."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _unwrapped(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        aware = cell.replace(tzinfo=TEHRAN)
        return format_datetime(aware) if cell.hour or cell.minute else format_date(aware)
    if isinstance(cell, date):
        return format_date(cell)
    return str(cell)


def _unwrapped(text: str) -> str:
    """*text* without what programs add so that a spreadsheet neither shortens nor computes it: ="0935…", '@امید."""
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        return text[2:-1].replace('""', '"')
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text


def storable(text: str) -> str:
    """*text* with a replacement character for undecodable bytes and for NUL, which databases refuse."""
    if not _UNSTORABLE.search(text):
        return text
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def sample(cells: Sequence[Any], column: int) -> str:
    """The beginning of the cell in *column*, as a page can show it; empty where the row is shorter."""
    return storable(as_text(cells[column]))[:_SAMPLE_LENGTH] if column < len(cells) else ""
