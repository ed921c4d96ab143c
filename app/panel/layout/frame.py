"""The frame around every page: bar, menu and drawers."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import NamedTuple

from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from app.panel.actor import CurrentMember
from app.panel.layout.fragment_cache import cached_macros
from app.panel.layout.navigation import NavGroup
from app.panel.view_models import MenuItem

# The placeholder for the form token in cached text. It is random, so that no member can put it into their name.
_TOKEN = f"token-{secrets.token_hex(16)}"
_MACROS = ("frame_side", "frame_top", "frame_below")


class FrameButton(NamedTuple):
    """A button of the top bar; `name` is that of its number."""

    label: str
    icon: str
    url: str
    name: str
    number: int
    key: str | None


class Frame(NamedTuple):
    """The data of the frame, and the key of its cached text."""

    viewer: CurrentMember | None
    groups: tuple[NavGroup, ...]
    links: tuple[MenuItem, ...]
    # The name of the organisation that a platform admin acts in.
    acting_organization: str | None
    is_trial: bool
    buttons: tuple[FrameButton, ...]
    presence_url: str
    leave_url: str
    logout_url: str
    login_url: str


class FrameHtml:
    """The rendered frame, built only when a template uses it."""

    def __init__(self, build: Callable[[], Frame]) -> None:
        self._build = build
        self._pieces: tuple[Markup, ...] = ()

    def side(self) -> Markup:
        """The side bar."""
        return self._piece(0)

    def top(self) -> Markup:
        """The bar above the page's own content, which alone has forms."""
        return self._piece(1).replace(_TOKEN, generate_csrf())

    def below(self) -> Markup:
        """The bar below the content."""
        return self._piece(2)

    def _piece(self, number: int) -> Markup:
        self._pieces = self._pieces or cached_macros("_nav.html", _MACROS, self._build(), _TOKEN)
        return self._pieces[number]
