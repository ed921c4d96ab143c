"""Texts that no choice and no number of a task is, and a task as it is stored."""

from __future__ import annotations

from sqlalchemy import select

from models.task import Task
from tests.day.task_steps import ALL

JUNK = (
    "",
    "0",
    "-1",
    "1e9",
    "9" * 30,
    "۱۲",
    "\x00",
    "null",
    "../../etc",
    "<b>",
    "' OR 1=1 --",
    "تکرار",
    "%00",
)


def stored(session, key):
    return session.scalars(select(Task).where(Task.id == key), execution_options=ALL).one()
