"""How a task shows its title and its time."""

from __future__ import annotations

from typing import Any

from app.lib.jalali import instant
from app.lib.mobile import MobileError, canonical_mobile, display_mobile
from app.lib.money import Currency
from app.panel.columns import Column
from app.panel.displays import Display
from app.panel.formatting import NOTHING, time_cell
from app.panel.view_models import Cell
from models.task import Task


class Title(Display):
    """The title; a mobile number, as tasks of follow-ups have, is written from left to right."""

    def cell(self, column: Column, row: Any, currency: Currency) -> Cell:
        title = column.value(row)
        try:
            number = canonical_mobile(title)
        except MobileError:
            return Cell(column.path, "text", title)
        return Cell(column.path, "mobile", display_mobile(number))


class Due(Display):
    """When a task is due, with its delay while it is open; when it was done."""

    def cell(self, column: Column, row: Any, currency: Currency) -> Cell:
        task: Task = row
        if task.done_at is not None:
            return time_cell(column.path, task.done_at)
        day, clock = task.due_on, task.due_time
        if day is None:
            return Cell(column.path, "text", NOTHING)
        moment = day if clock is None else instant(day, clock)
        return time_cell(column.path, moment, can_be_late=not task.status.is_closed)
