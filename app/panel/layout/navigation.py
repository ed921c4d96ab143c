"""The menu of the sidebar: groups with the entries that the member may open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, NamedTuple

from flask import request
from flask_appbuilder import BaseView
from flask_babel import LazyString
from sqlalchemy import Select

from app.panel.access import Grant

MOST_IN_BOTTOM_BAR = 4
_NOTHING_CHOSEN: Mapping[str, bool] = {}


@dataclass(frozen=True, eq=False)
class MenuGroup:
    """A heading of the sidebar, declared by the product; a group without entries is not shown."""

    # The name under which members' choices to fold it are stored.
    key: str
    label: LazyString
    order: int
    # Shown in place of a folded group while the side bar shows icons alone.
    icon: str
    # Whether the group is folded for members who have not opened it.
    is_folded: bool = False


@dataclass(frozen=True)
class TopBarButton:
    """A button of the top bar with a number; the popover below it shows `path` of the section, loaded when it opens."""

    label: LazyString
    icon: str
    path: str
    number: Callable[[], int]
    # The name of the number in the response of an act.
    name: str
    # The letter that opens it.
    key: str | None = None


class MenuEntry:
    """The declaration of a menu entry, a base of sections and pages."""

    title: LazyString
    group: ClassVar[MenuGroup | None] = None
    icon: ClassVar[str] = "list"
    menu_order: ClassVar[int] = 100
    # Returns the number beside the title for the member; None for an entry without a number.
    menu_count: ClassVar[Callable[[], int | None] | None] = None
    # The right without which the menu leaves the entry out, for sections that some roles only look at; such a role
    # reaches them by the palette and by address.
    menu_right: ClassVar[str | None] = None
    # Whether the entry stands in the bottom bar of phones.
    in_bottom_bar: ClassVar[bool] = False
    # The button in the top bar, for members who may list the rows.
    top_bar: ClassVar[TopBarButton | None] = None
    # The grants by role name; `upgrade` writes them to the database.
    roles: ClassVar[dict[str, Grant]] = {}
    # The labels of the rights of pages, by name; an action is the label of its own right.
    right_labels: ClassVar[Mapping[str, LazyString]] = {}

    # Form fields whose names look like secrets (`code`, `key`) but are not; columns of a form are never secrets.
    plain_fields: ClassVar[Sequence[str]] = ()

    # Which members are notified of which changes of rows: `Notify` of `app.panel.notifications`.
    notify: ClassVar[Sequence[Any]] = ()

    # The step of a new organisation that is done here: `FirstStep` of `app.panel.layout.first_day`.
    first_step: ClassVar[Any] = None

    # Whether the rows belong to one organisation, so that a member without an acting one sees a hint instead.
    needs_organization: ClassVar[bool] = False
    # Whether operators, who act in no organisation, use it all the same.
    is_for_operators: ClassVar[bool] = False

    def rows_to_open(self, model: Any) -> Select[Any] | None:
        """The rows of *model* that the member may open, for the notifications that lead to them; None for none."""
        return None

    @classmethod
    def all_permissions(cls) -> frozenset[str]:
        """All rights that roles have here."""
        return frozenset().union(*(grant.permissions for grant in cls.roles.values()))


@dataclass(frozen=True)
class Link:
    """A menu entry for one role that leads to an address outside the sections and pages."""

    title: LazyString
    url: str
    icon: str
    group: MenuGroup
    role: str


class NavItem(NamedTuple):
    """An entry of the menu. A tuple, since the frame is found in its cache by all of them for each page."""

    label: str
    url: str
    icon: str
    active: bool
    number: int | None
    is_quick: bool


class NavGroup(NamedTuple):
    key: str
    label: str
    icon: str
    items: tuple[NavItem, ...]
    is_open: bool

    @property
    def number(self) -> int | None:
        """The sum of the numbers beside the entries; None where no entry has one."""
        numbers = [item.number for item in self.items if item.number is not None]
        return sum(numbers) if numbers else None


def navigation(
    entries: Sequence[BaseView], links: Sequence[Link] = (), opened: Mapping[str, bool] = _NOTHING_CHOSEN
) -> tuple[NavGroup, ...]:
    """The menu with *entries*, which are sorted, and *links*; *opened* has the groups that the member folded or opened."""
    groups, path = [], request.path
    for group in _groups(entries, links):
        items = [_item(view, path) for view in entries if view.group is group]
        items += [_link(link, path) for link in links if link.group is group]
        is_open = opened.get(group.key, not group.is_folded) or any(item.active for item in items)
        groups.append(NavGroup(group.key, _heading(group), group.icon, tuple(items), is_open))
    return tuple(groups)


def bottom_bar(groups: Sequence[NavGroup]) -> list[NavItem]:
    """The entries in the bottom bar of phones, in the order of the menu; the first ones fill it."""
    items = [item for group in groups for item in group.items]
    chosen = sorted(items, key=lambda item: not item.is_quick)[:MOST_IN_BOTTOM_BAR]
    return [item for item in items if item in chosen]


def menu_counts(entries: Sequence[BaseView]) -> dict[str, int]:
    """The numbers of the menu with *entries*, by the address of the entry and the key of its group."""
    counts: dict[str, int] = {}
    for view in entries:
        number = type(view).menu_count and view.menu_count()
        if number is not None:
            counts[_address(view)] = number
            counts[view.group.key] = counts.get(view.group.key, 0) + number
    return counts


def first_address(entries: Sequence[BaseView], links: Sequence[Link] = ()) -> str | None:
    """The address of the first entry of a menu; None where the menu is empty."""
    first = min((*entries, *links), key=_group_order, default=None)
    return _address(first) if first else None


def _groups(entries: Sequence[BaseView], links: Sequence[Link]) -> list[MenuGroup]:
    return sorted({each.group for each in (*entries, *links)}, key=lambda group: group.order)


def _group_order(entry: BaseView | Link) -> int:
    order: int = entry.group.order
    return order


def _address(entry: BaseView | Link) -> str:
    return entry.url if isinstance(entry, Link) else f"{entry.route_base}/"


def _item(view: BaseView, path: str) -> NavItem:
    label, url = _label_and_url(view)
    menu_count = type(view).menu_count
    count = menu_count() if menu_count else None
    return NavItem(label, url, view.icon, path.startswith(url), count, view.in_bottom_bar)


@cache
def _heading(group: MenuGroup) -> str:
    return str(group.label)


@cache
def _label_and_url(view: BaseView) -> tuple[str, str]:
    """The label and address of an entry; cached, because the panel has one language."""
    return str(view.title), f"{view.route_base}/"


def _link(link: Link, path: str) -> NavItem:
    return NavItem(str(link.title), link.url, link.icon, path.startswith(link.url), None, is_quick=False)
