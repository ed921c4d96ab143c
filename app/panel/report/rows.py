"""The page of the rows behind a figure, by keyset."""

from __future__ import annotations

from bisect import bisect_right
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
    """Some rows, their number in all, and the addresses of the report and of the next rows."""

    words: str
    count: int
    headings: Sequence[str]
    lines: Sequence[RowLine]
    back_url: str
    next_url: str = ""
    is_first: bool = True


def rows_page(report: Any, behind: Behind, arguments: MultiDict[str, str]) -> RowsPage:
    given = arguments.to_dict()
    text = given.pop(AFTER, "")
    after = int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None
    start = 0 if after is None else bisect_right(behind.keys, -after, key=lambda key: -key)
    keys = behind.keys[start : start + PAGE]
    has_more = start + PAGE < len(behind.keys)
    next_url = address(f"{report.base_url}rows", given | {AFTER: str(keys[-1])}) if has_more else ""
    given.pop(CELL, None)
    return RowsPage(
        behind.words,
        len(behind.keys),
        behind.headings,
        behind.lines(keys),
        address(report.base_url, given),
        next_url,
        start == 0,
    )
