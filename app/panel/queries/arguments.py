"""The query arguments of a list, validated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import abort
from werkzeug.datastructures import MultiDict

PAGE_SIZES = (25, 50, 100)
# Enough for the keys of a thousand ticked rows.
_LONGEST_QUERY, _MOST_ARGUMENTS = 20_000, 200


@dataclass(frozen=True)
class ListState:
    """The validated arguments of a list."""

    search: str
    tab: str
    sort: str
    descending: bool
    size: int


def read_state(arguments: MultiDict[str, str], *, sortable: Iterable[str], tabs: Sequence[str]) -> ListState:
    """The state of a list; unknown or invalid arguments get their defaults."""
    sort = arguments.get("sort", "")
    name = sort.removeprefix("-")
    tab = arguments.get("tab", "")
    size = page_number(arguments.get("size", ""), most=max(PAGE_SIZES))
    return ListState(
        search=arguments.get("q", "").replace("\0", "").strip()[:100],
        tab=tab if tab in tabs else (tabs[0] if tabs else ""),
        sort=name if name in set(sortable) else "",
        descending=sort.startswith("-"),
        size=size if size in PAGE_SIZES else PAGE_SIZES[0],
    )


def page_number(text: str, *, most: int) -> int:
    """The number in an address, from 1 to *most*; 1 for any text but ASCII digits."""
    # `int()` would also read «1_0» and «٣».
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return 1
    return min(max(int(text), 1), most)


def read_query(query: str) -> MultiDict[str, str]:
    """The arguments in a query string; 400 if it is invalid or too long."""
    # An unreadable query must not select all rows.
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_ARGUMENTS)
    except ValueError:
        abort(400)
    if len(query) > _LONGEST_QUERY:
        abort(400)
    return MultiDict(pairs)
