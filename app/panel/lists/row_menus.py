"""The ⋮ menus of a page: rows of one kind share a menu, which has `ROW_KEY` in place of the row's key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from app.panel.view_models import MenuItem


class RowMenus:
    """The menus of a page, one for each kind of row."""

    def __init__(
        self, kind_of: Callable[[Any], Hashable], menu_of: Callable[[Any], Sequence[MenuItem]]
    ) -> None:
        self._kind_of, self._menu_of = kind_of, menu_of
        self._numbers: dict[Hashable, int | None] = {}
        self.menus: list[Sequence[MenuItem]] = []

    def number_of(self, row: object) -> int | None:
        """The index of the row's menu in `menus`; None for a row without one."""
        kind = self._kind_of(row)
        if kind not in self._numbers:
            items = self._menu_of(row)
            self._numbers[kind] = len(self.menus) if items else None
            if items:
                self.menus.append(items)
        return self._numbers[kind]
