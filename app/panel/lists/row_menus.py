"""The ⋮ menus of a page: rows of one kind share a menu, menus share items, which have `ROW_KEY` in place of a row's key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from app.panel.action import Action
from app.panel.declaration import Declaration
from app.panel.view_models import MenuItem, danger_last


def conditional(section: Declaration) -> Sequence[Action]:
    """The actions of the ⋮ menu that not every row allows."""
    return [each for each in section.offered() if each.single and each.when]


class SharedMenus(NamedTuple):
    """The items of all menus of a page, each once, and the numbers of the items of each menu: «0 1 4|0 2»."""

    entries: tuple[MenuItem, ...]
    numbers: str


def shared_menus(menus: Sequence[Sequence[MenuItem]]) -> SharedMenus:
    found: dict[MenuItem, int] = {}
    numbers = [" ".join(str(found.setdefault(item, len(found))) for item in menu) for menu in menus]
    return SharedMenus(tuple(found), "|".join(numbers))


class RowMenus:
    """The menus of a page, one for each kind of row."""

    def __init__(
        self,
        kind_of: Callable[[Any], Hashable],
        menu_of: Callable[[Any], Sequence[MenuItem]],
        conditional: Sequence[Action] = (),
    ) -> None:
        """*conditional* are the actions with `when`: rows that allow the same ones may share a menu."""
        self._kind_of, self._menu_of, self._conditional = kind_of, menu_of, conditional
        self._numbers: dict[Hashable, int | None] = {}
        self.menus: list[Sequence[MenuItem]] = []

    def number_of(self, row: object) -> int | None:
        """The index of the row's menu in `menus`; None for a row without one."""
        kind = self._kind_of(row), *(each.allows(row) for each in self._conditional)
        if kind not in self._numbers:
            items = danger_last(self._menu_of(row))
            self._numbers[kind] = len(self.menus) if items else None
            if items:
                self.menus.append(items)
        return self._numbers[kind]
