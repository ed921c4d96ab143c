"""Authentication of REST requests: bearer tokens only; session cookies have no effect."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Protocol

from flask import Flask, g, request
from flask_login import AnonymousUserMixin

from app.extensions import db
from models.account import ApiToken

ROOT = "/api/v1/"
# The header in which a platform admin names the organisation to act in.
ORGANIZATION = "X-Organization"
_LONGEST_KEY = 18


class TokenService(Protocol):
    """The service that finds API tokens; the factory passes it."""

    def find_token(self, secret: str) -> ApiToken | None: ...
    def note_use(self, token: ApiToken) -> bool: ...


def init_rest_session(app: Flask, tokens: TokenService) -> None:
    """Log in the bearer before each REST request; call it before `init_actor`, which binds the session."""

    def enter() -> None:
        if not request.path.startswith(ROOT):
            return
        g._login_user = AnonymousUserMixin()
        kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
        token = tokens.find_token(secret.strip()) if kind.lower() == "bearer" and secret else None
        if token is None:
            return
        if tokens.note_use(token):
            db.session.commit()
        g._login_user, g.api_token = token.member, token
        g.user_session = SimpleNamespace(id=None, acting_organization_id=_chosen())

    app.before_request(enter)


def _chosen() -> int | None:
    text = request.headers.get(ORGANIZATION, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_KEY else None
