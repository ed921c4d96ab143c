"""The sidebar: groups in their order, and what a member may open in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from flask import request
from flask_babel import LazyString

from app.panel.access import Grant


@dataclass(frozen=True, eq=False)
class MenuGroup:
    """A heading of the sidebar, declared by the product; a group without entries is not shown."""

    label: LazyString
    order: int


class MenuEntry:
    """What a section or page says of its place in the menu."""

    title: LazyString
    group: ClassVar[MenuGroup | None] = None
    icon: ClassVar[str] = "list"
    menu_order: ClassVar[int] = 100
    # Where a number belongs beside the title: returns it for whoever is logged in.
    menu_count: ClassVar[Callable[[], int | None] | None] = None
    # Role name → what it may do here; `upgrade` writes it to the database.
    roles: ClassVar[dict[str, Grant]] = {}

    # Fields whose names look like secrets (`code`, `key`) and are none; columns of a form need not be named.
    plain_fields: ClassVar[Sequence[str]] = ()

    # Whether its rows are those of one organisation, so that a member who acts in none sees a hint instead.
    needs_organization: ClassVar[bool] = False

    @classmethod
    def all_permissions(cls) -> frozenset[str]:
        """Every right that some role has here."""
        return frozenset().union(*(grant.permissions for grant in cls.roles.values()))


@dataclass(frozen=True)
class Link:
    """An entry that leads to something else than a section or a page of ours, for one role."""

    title: LazyString
    url: str
    icon: str
    group: MenuGroup
    role: str


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    icon: str
    active: bool
    count: int | None


@dataclass(frozen=True)
class NavGroup:
    label: str
    items: tuple[NavItem, ...]


def navigation(entries: Sequence[Any], links: Sequence[Link] = ()) -> tuple[NavGroup, ...]:
    """The menu of a member who may open *entries*, sorted by their order, and *links*."""
    groups, path = [], request.path
    for group in _groups(entries, links):
        items = [_item(view, path) for view in entries if view.group is group]
        items += [_link(link, path) for link in links if link.group is group]
        groups.append(NavGroup(_heading(group), tuple(items)))
    return tuple(groups)


def first_address(entries: Sequence[Any], links: Sequence[Link] = ()) -> str | None:
    """The address of the first entry of such a menu; None where there is none."""
    first = min((*entries, *links), key=_place, default=None)
    return _address(first) if first else None


def _groups(entries: Sequence[Any], links: Sequence[Link]) -> list[MenuGroup]:
    return sorted({each.group for each in (*entries, *links)}, key=lambda group: group.order)


def _place(entry: Any) -> int:
    order: int = entry.group.order
    return order


def _address(entry: Any) -> str:
    return entry.url if isinstance(entry, Link) else f"{entry.route_base}/"


def _item(view: Any, path: str) -> NavItem:
    label, url = _words(view)
    menu_count = type(view).menu_count
    return NavItem(label, url, view.icon, path.startswith(url), menu_count() if menu_count else None)


@cache
def _heading(group: MenuGroup) -> str:
    return str(group.label)


@cache
def _words(view: Any) -> tuple[str, str]:
    """An entry's words and address; there is one language to say them in."""
    return str(view.title), f"{view.route_base}/"


def _link(link: Link, path: str) -> NavItem:
    return NavItem(str(link.title), link.url, link.icon, path.startswith(link.url), None)
