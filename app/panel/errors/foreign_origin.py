"""Refuses requests that a page of another site has sent."""

from __future__ import annotations

from flask import current_app, request
from flask_babel import lazy_gettext as _

from app.lib.web_address import split_address
from app.panel.page import Page

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FOREIGN_SITE = "cross-site"


class ForeignOrigin(Exception):
    """A browser says that another site has sent the request."""

    sentence = _(
        "The request came from another site, so nothing was done. Open the panel itself and try again."
    )


def refuse_foreign_origin() -> None:
    """Raise `ForeignOrigin` for an unsafe request of another site; webhooks are posted by other programs."""
    if request.method in _SAFE or request.blueprint in _webhooks():
        return
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site") == _FOREIGN_SITE or (origin and not _is_own(origin)):
        raise ForeignOrigin


def _is_own(origin: str) -> bool:
    """Whether *origin* names this panel; the scheme may differ, where a proxy ends TLS and does not say so."""
    own = {request.host, split_address(current_app.config["PUBLIC_BASE_URL"] or "").netloc}
    return split_address(origin).netloc in own - {""}


def _webhooks() -> set[str]:
    return {page.__name__ for page in Page.registry if page.csrf_exempt}
