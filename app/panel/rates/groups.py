"""Groups of routes whose requests are counted together, and the decorator that declares them."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, NamedTuple

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Group(enum.Enum):
    """A group; its value is its key in the setting `RATES`. The last two are not counted."""

    LIST = "list"
    PAGE = "page"  # rows, forms, dialogs and side panels
    SEARCH = "search"  # look-ups and the palette
    WRITE = "write"
    UPLOAD = "upload"
    EXPORT = "export"
    SMS = "sms"  # to one receiver
    CAMPAIGN = "campaign"
    CHAT = "chat"
    REPORT = "report"
    NEWS = "news"  # what open pages ask for by themselves
    WEBHOOK = "webhook"
    LOGIN = "login"  # attempts, which app/services/account/rate_limit.py counts
    FREE = "free"  # assets and health checks


# A function reads the request, where one route does acts of several groups.
Declared = Group | Callable[[], Group]


class Rates(NamedTuple):
    """The groups of a route by the kind of the request; the defaults are those of a route without a declaration."""

    read: Declared = Group.PAGE
    write: Declared = Group.WRITE


DEFAULTS = Rates()
UNCOUNTED = frozenset({Group.LOGIN, Group.FREE})


def limited(
    read: Declared = Group.PAGE, write: Declared = Group.WRITE
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that declares the groups of a route; without it reads are `PAGE` and other requests `WRITE`."""

    def decorate(route: Callable[..., Any]) -> Callable[..., Any]:
        route.rates = Rates(read, write)  # type: ignore[attr-defined]  # `declared` reads it
        return route

    return decorate


def declared(route: Callable[..., Any] | None, method: str) -> Declared:
    """The declared group of a request to *route*; None stands for an unknown address."""
    rates: Rates = getattr(route, "rates", DEFAULTS)
    return rates.read if method in _READS else rates.write


def group_of(route: Callable[..., Any] | None, method: str) -> Group:
    """The group of the current request to *route*."""
    found = declared(route, method)
    return found if isinstance(found, Group) else found()
