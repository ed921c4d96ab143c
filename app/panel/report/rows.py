"""The page of the rows behind a figure, by keyset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from app.panel.report.page import address
from app.panel.report.parts import AFTER, CELL, Behind, RowLine

PAGE = 50
_MOST_DIGITS = 18


@dataclass(frozen=True)
class RowsPage:
    """Some rows, their number in all where it is known, and the addresses of the report and of the next rows."""

    words: str
    count: int | None
    headings: Sequence[str]
    lines: Sequence[RowLine]
    back_url: str
    next_url: str = ""


def rows_page(report: Any, behind: Behind, arguments: MultiDict[str, str]) -> RowsPage:
    given = arguments.to_dict()
    text = given.pop(AFTER, "")
    after = int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None
    keys, last = behind.read(after, PAGE)
    next_url = "" if last is None else address(f"{report.base_url}rows", given | {AFTER: str(last)})
    given.pop(CELL, None)
    return RowsPage(
        behind.words,
        behind.count,
        behind.headings,
        behind.lines(keys) if keys else [],
        address(report.base_url, given),
        next_url,
    )
