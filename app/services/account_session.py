"""Logged-in browsers: opened, known again, listed and ended; the cookie alone is worth nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.gateways import vault
from app.lib.clock import now
from app.services.account_login import Source, note_login
from models.account import LoginOutcome, UserSession
from models.member import Member

IDLE, LONGEST = timedelta(hours=8), timedelta(hours=24)
# Noting each request would make each of them a write.
_SEEN_EVERY = timedelta(minutes=1)


def open_session(member: Member, source: Source) -> str:
    """Note the login; returns the key for the cookie, of which only the hash is kept."""
    key = vault.new_token()
    db.session.add(
        UserSession(
            id_hash=vault.digest(key),
            member_id=member.id,
            epoch=member.session_epoch,
            ip=source.ip[:45],
            agent=source.agent[:300],
        )
    )
    note_login(member, LoginOutcome.SUCCESS, source)
    member.last_login = now().replace(tzinfo=None)
    db.session.flush()
    return key


def find_session(key: str) -> UserSession | None:
    """The session with its member, while both still count; one statement."""
    statement = (
        select(UserSession)
        .join(UserSession.member)
        .options(contains_eager(UserSession.member))
        .where(UserSession.id_hash == vault.digest(key), *_alive())
    )
    return db.session.scalar(statement)


def touch(session: UserSession) -> bool:
    """Note that the session is in use; whether there was anything to write."""
    if now() - session.last_seen_at < _SEEN_EVERY:
        return False
    session.last_seen_at = now()
    return True


def sessions_of(member_id: int) -> Sequence[UserSession]:
    """The member's open sessions, the last used first."""
    statement = (
        select(UserSession)
        .join(UserSession.member)
        .where(UserSession.member_id == member_id, *_alive())
        .order_by(UserSession.last_seen_at.desc())
    )
    return db.session.scalars(statement).all()


def end_session(member_id: int, pk: int) -> bool:
    """End one of the member's sessions; False when it is not his or ended already."""
    return _end(UserSession.member_id == member_id, UserSession.id == pk) > 0


def end_other_sessions(member_id: int, keep: int) -> int:
    """End all but the session that is asking; returns how many."""
    return _end(UserSession.member_id == member_id, UserSession.id != keep)


def end_all_sessions(member: Member) -> None:
    """By raising the epoch: also sessions that are being opened at this moment."""
    member.session_epoch = Member.session_epoch + 1


def _end(*conditions: ColumnElement[bool]) -> int:
    ended = db.session.scalars(
        update(UserSession)
        .where(*conditions, UserSession.revoked_at.is_(None))
        .values(revoked_at=now())
        .returning(UserSession.id)
        .execution_options(synchronize_session="fetch")
    )
    return len(ended.all())


def _alive() -> Sequence[ColumnElement[bool]]:
    return (
        UserSession.revoked_at.is_(None),
        UserSession.epoch == Member.session_epoch,
        UserSession.last_seen_at > now() - IDLE,
        UserSession.created_at > now() - LONGEST,
        Member.active.is_(True),
    )
