"""The frame around every page: bar, menu and drawers."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import NamedTuple

from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from app.panel.actor import CurrentMember
from app.panel.layout.fragment_cache import cached_macro
from app.panel.layout.navigation import NavGroup
from app.panel.view_models import MenuItem

# The placeholder for the form token in cached text. It is random, so that no member can put it into their name.
_TOKEN = f"token-{secrets.token_hex(16)}"


class Frame(NamedTuple):
    """The data of the frame, and the key of its cached text."""

    viewer: CurrentMember | None
    groups: tuple[NavGroup, ...]
    links: tuple[MenuItem, ...]
    # The name of the organisation that a platform admin acts in.
    acting_organization: str | None
    is_trial: bool
    presence_url: str
    leave_url: str
    logout_url: str
    login_url: str


class FrameHtml:
    """The rendered frame, built only when a template uses it."""

    def __init__(self, build: Callable[[], Frame]) -> None:
        self._build = build
        self._frame: Frame | None = None

    def side(self) -> Markup:
        """The side bar."""
        return self._rendered("frame_side")

    def top(self) -> Markup:
        """The bar above the page's own content."""
        return self._rendered("frame_top")

    def below(self) -> Markup:
        """The drawers and dialogs after the content."""
        return self._rendered("frame_below")

    def _rendered(self, macro: str) -> Markup:
        if self._frame is None:
            self._frame = self._build()
        return cached_macro("_nav.html", macro, self._frame, _TOKEN).replace(_TOKEN, generate_csrf())
