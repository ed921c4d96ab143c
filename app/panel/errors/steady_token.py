"""A form token that is the same for half an hour, for pages that must be identical."""

from __future__ import annotations

from flask import current_app, g, session
from flask_wtf.csrf import generate_csrf
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

_HALF_HOUR = 1800
_FIELD, _SALT = "csrf_token", "wtf-csrf-token"


class _RoundedSigner(TimestampSigner):
    """A signer whose timestamps are full half hours."""

    def get_timestamp(self) -> int:
        return super().get_timestamp() // _HALF_HOUR * _HALF_HOUR


def use_steady_token() -> None:
    """Use the token in the forms of this response; it expires up to half an hour earlier than others."""
    generate_csrf()  # sets the part of the token in the session
    secret = current_app.config["WTF_CSRF_SECRET_KEY"]
    serializer = URLSafeTimedSerializer(secret, salt=_SALT, signer=_RoundedSigner)
    g.csrf_token = serializer.dumps(session[_FIELD])
