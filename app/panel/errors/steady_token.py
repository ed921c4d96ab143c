"""A form token that stays the same for half an hour, for pages that must not differ from each other."""

from __future__ import annotations

from flask import current_app, g, session
from flask_wtf.csrf import generate_csrf
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

_HALF_HOUR = 1800
_FIELD, _SALT = "csrf_token", "wtf-csrf-token"


class _RoundedSigner(TimestampSigner):
    def get_timestamp(self) -> int:
        return super().get_timestamp() // _HALF_HOUR * _HALF_HOUR


def use_steady_token() -> None:
    """Let the forms of this answer carry it: valid as any other, for half an hour less at most."""
    generate_csrf()  # puts the session's part in place
    secret = current_app.config["WTF_CSRF_SECRET_KEY"]
    serializer = URLSafeTimedSerializer(secret, salt=_SALT, signer=_RoundedSigner)
    g.csrf_token = serializer.dumps(session[_FIELD])
