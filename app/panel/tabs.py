"""Tabs over a list: each a named condition, worked out for whom it shows and for the day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import LazyString
from sqlalchemy import ColumnElement


@dataclass(frozen=True)
class Tab:
    key: str
    label: LazyString
    condition: Callable[[], ColumnElement[bool]]
    counted: bool = False
    sort: str | None = None  # overrides the section's order
    empty: LazyString | None = None  # what an empty tab means
