"""The ⋮ menus of a page: rows of one kind share one, in which their own key takes the place of a mark."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Any

from app.panel.view_models import MenuItem

# What stands in an address for the key of the row whose menu is opened; the script knows it too.
MARK = "__pk__"


class RowMenus:
    """Makes each kind's menu once, for the first row of it."""

    def __init__(
        self, kind_of: Callable[[Any], Hashable], menu_of: Callable[[Any], Sequence[MenuItem]]
    ) -> None:
        self._kind_of, self._menu_of = kind_of, menu_of
        self._numbers: dict[Hashable, int | None] = {}
        self.menus: list[Sequence[MenuItem]] = []

    def number_of(self, row: Any) -> int | None:
        """Which of `menus` is the row's; None for a row without one."""
        kind = self._kind_of(row)
        if kind not in self._numbers:
            items = self._menu_of(row)
            self._numbers[kind] = len(self.menus) if items else None
            if items:
                self.menus.append([_marked(item, row.id) for item in items])
        return self._numbers[kind]


def _marked(item: MenuItem, key: int) -> MenuItem:
    return replace(item, url=re.sub(rf"/{key}(?=[/?#]|$)", f"/{MARK}", item.url))
