"""Cells of a table file as text."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from app.lib.jalali import TEHRAN, format_date, format_datetime


def as_text(cell: Any) -> str:
    """A cell as text: whole numbers without «.0», dates in the Jalali calendar."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        aware = cell.replace(tzinfo=TEHRAN)
        return format_datetime(aware) if cell.hour or cell.minute else format_date(aware)
    if isinstance(cell, date):
        return format_date(cell)
    return str(cell)


def storable(text: str) -> str:
    """*text* with a replacement character for undecodable bytes and for NUL, which databases refuse."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
