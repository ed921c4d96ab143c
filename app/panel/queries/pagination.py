"""A page of a list: the numbers of its rows, and the links to other pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from app.panel.queries import counts
from app.panel.queries.cursor import AFTER, BEFORE, END, NUMBER, Cursor, Ordering, Slice, encode_cursor
from app.panel.view_models import PageLinks


@dataclass(frozen=True)
class ListPageData:
    """The rows of a page, their position, and the capped total."""

    shown: Slice
    place: Cursor
    order: Ordering
    total: int
    arguments: MultiDict[str, str]

    @property
    def known_total(self) -> int | None:
        """The exact total where the page knows it: it contains all rows, or counted them itself."""
        alone = self.place.anchor is None and not self.shown.has_previous and not self.shown.has_next
        return len(self.shown.rows) if alone else self.shown.total

    @property
    def first(self) -> int | None:
        """The number of the first row, from the address or, at both ends of the list, from the rows.

        None where it is unknown: on pages counted from the end of a list that is longer than the cap.
        """
        if not self.shown.rows:
            return 0
        if not self.shown.has_previous:
            return 1
        if self.place.backwards and self.place.anchor is None:
            is_counted = self.total <= counts.COUNT_CAP
            return max(self.total - len(self.shown.rows) + 1, 1) if is_counted else None
        return self.place.number

    @property
    def last(self) -> int | None:
        first = self.first
        return first + len(self.shown.rows) - 1 if first else first

    def page_links(self, size: int, url: Callable[[dict[str, Any]], str]) -> PageLinks:
        """The addresses of the other pages."""
        if not self.shown.rows:
            return PageLinks()
        back, on = self.shown.has_previous, self.shown.has_next
        before: dict[str, Any] = {BEFORE: self._token(0)}
        after: dict[str, Any] = {AFTER: self._token(-1)}
        if self.first is not None and self.last is not None:
            before[NUMBER], after[NUMBER] = max(self.first - size, 1), self.last + 1
        return PageLinks(
            first=url({}) if back else None,
            previous=url(before) if back else None,
            next=url(after) if on else None,
            last=url({END: 1}) if on else None,
        )

    def _token(self, index: int) -> str:
        row = self.shown.rows[index]
        return encode_cursor(getattr(row, self.order.column.key), row.id)
