"""The menu of the sidebar: groups with the entries that the member may open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from flask import request
from flask_appbuilder import BaseView
from flask_babel import LazyString

from app.panel.access import Grant


@dataclass(frozen=True, eq=False)
class MenuGroup:
    """A heading of the sidebar, declared by the product; a group without entries is not shown."""

    label: LazyString
    order: int


class MenuEntry:
    """The declaration of a menu entry, a base of sections and pages."""

    title: LazyString
    group: ClassVar[MenuGroup | None] = None
    icon: ClassVar[str] = "list"
    menu_order: ClassVar[int] = 100
    # Returns the number beside the title for the member; None for an entry without a number.
    menu_count: ClassVar[Callable[[], int | None] | None] = None
    # The grants by role name; `upgrade` writes them to the database.
    roles: ClassVar[dict[str, Grant]] = {}

    # Form fields whose names look like secrets (`code`, `key`) but are not; columns of a form are never secrets.
    plain_fields: ClassVar[Sequence[str]] = ()

    # Whether the rows belong to one organisation, so that a member without an acting one sees a hint instead.
    needs_organization: ClassVar[bool] = False

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


def navigation(entries: Sequence[BaseView], links: Sequence[Link] = ()) -> tuple[NavGroup, ...]:
    """The menu with *entries*, which are sorted, and *links*."""
    groups, path = [], request.path
    for group in _groups(entries, links):
        items = [_item(view, path) for view in entries if view.group is group]
        items += [_link(link, path) for link in links if link.group is group]
        groups.append(NavGroup(_heading(group), tuple(items)))
    return tuple(groups)


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
    return NavItem(label, url, view.icon, path.startswith(url), menu_count() if menu_count else None)


@cache
def _heading(group: MenuGroup) -> str:
    return str(group.label)


@cache
def _label_and_url(view: BaseView) -> tuple[str, str]:
    """The label and address of an entry; cached, because the panel has one language."""
    return str(view.title), f"{view.route_base}/"


def _link(link: Link, path: str) -> NavItem:
    return NavItem(str(link.title), link.url, link.icon, path.startswith(link.url), None)
