"""The frame round every page, written once for all pages of a member: bar, menu and drawers, with a hole for the token."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import NamedTuple

from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from app.panel.actor import CurrentMember
from app.panel.layout.fragment_cache import kept
from app.panel.layout.navigation import NavGroup
from app.panel.view_models import MenuItem

# Stands where a form of the frame carries its token; nobody can write it into a name of his own.
_TOKEN = f"token-{secrets.token_hex(16)}"


class Frame(NamedTuple):
    """All that the frame is made of; as long as nothing of it changes, nor does the frame."""

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
    """Writes a page's frame when its template asks for it; pages without one do not pay for it."""

    def __init__(self, build: Callable[[], Frame]) -> None:
        self._build = build
        self._frame: Frame | None = None

    def side(self) -> Markup:
        """The side bar."""
        return self._written("frame_side")

    def top(self) -> Markup:
        """The bar above the page's own content."""
        return self._written("frame_top")

    def below(self) -> Markup:
        """The drawers and dialogs behind it."""
        return self._written("frame_below")

    def _written(self, macro: str) -> Markup:
        if self._frame is None:
            self._frame = self._build()
        return kept("_nav.html", macro, self._frame, _TOKEN).replace(_TOKEN, generate_csrf())
