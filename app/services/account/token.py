"""API tokens. They are shown once, stored as a hash, and end by expiry, revocation or with the member's sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.errors import DomainError
from app.extensions import db
from app.gateways import crypto
from app.lib.clock import now
from app.services.audit.record import record
from models.account import ApiToken, TokenScope
from models.member import Member

MOST_TOKENS, LONGEST_DAYS = 20, 366
PREFIX = "ava_"
_SHOWN = 10
# Less often than each request, since each note is a write.
_USED_EVERY = timedelta(minutes=5)


class TooManyTokens(DomainError):
    """The member has the maximum number of tokens."""


def make_token(member: Member, *, name: str, scope: TokenScope, days: int) -> tuple[ApiToken, str]:
    """Add a token; returns the row and the secret, which can't be shown again."""
    if len(tokens_of(member.id)) >= MOST_TOKENS:
        raise TooManyTokens(_("You have %(count)s tokens; revoke one first."), count=MOST_TOKENS)
    secret = PREFIX + crypto.new_token()
    row = ApiToken(
        token_hash=crypto.digest(secret),
        prefix=secret[:_SHOWN],
        member_id=member.id,
        name=name,
        scope=scope,
        epoch=member.session_epoch,
        expires_at=now() + timedelta(days=min(max(days, 1), LONGEST_DAYS)),
    )
    db.session.add(row)
    db.session.flush()
    record("token", member, after={"token": row.prefix, "scope": scope.value})
    return row, secret


def tokens_of(member_id: int) -> Sequence[ApiToken]:
    """The member's valid tokens, newest first."""
    statement = (
        select(ApiToken)
        .join(Member, Member.id == ApiToken.member_id)
        .where(
            ApiToken.member_id == member_id,
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > now(),
            ApiToken.epoch == Member.session_epoch,
        )
    )
    return db.session.scalars(statement.order_by(ApiToken.id.desc())).all()


def revoke_token(member: Member, key: int) -> bool:
    """Revoke one of the member's tokens; False when there is none with this key."""
    row = next((token for token in tokens_of(member.id) if token.id == key), None)
    if row is None:
        return False
    row.revoked_at = now()
    record("revoke token", member, after={"token": row.prefix})
    db.session.flush()
    return True


def find_token(secret: str) -> ApiToken | None:
    """The valid token with its member."""
    statement = (
        select(ApiToken)
        .join(ApiToken.member)
        .where(
            ApiToken.token_hash == crypto.digest(secret),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > now(),
            ApiToken.epoch == Member.session_epoch,
            Member.active.is_(True),
        )
        .options(joinedload(ApiToken.member).joinedload(Member.organization))
    )
    return db.session.scalar(statement)


def note_use(token: ApiToken) -> bool:
    """Update `last_used_at` at most every five minutes; returns whether it changed."""
    moment = now()
    if token.last_used_at is not None and token.last_used_at > moment - _USED_EVERY:
        return False
    token.last_used_at = moment
    return True
