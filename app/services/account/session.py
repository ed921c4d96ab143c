"""Login sessions: opened, found by the key in the cookie, listed and ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from flask_appbuilder.security.sqla.models import Role, assoc_user_role
from sqlalchemy import ColumnElement, Select, String, bindparam, cast, func, select, update
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.gateways import crypto
from app.lib.clock import now
from app.services.account.brief import BRIEF_COLUMNS, brief_session
from app.services.account.login import Source, note_login
from models.account import LoginOutcome, UserSession
from models.member import Member
from models.role import RoleEdition
from models.table_view import Density, TableSettings
from models.tenancy.row_security import mark_organization_set, setting_organization

IDLE, LONGEST = timedelta(hours=8), timedelta(hours=24)
# Less often than each request, since each note is a write.
_SEEN_EVERY = timedelta(minutes=1)
_PART, _NEXT = "\x1e", "\x1f"


class SessionRole(NamedTuple):
    """A role of the session's member, with the edition of its rights."""

    id: int
    name: str
    edition: int | None


class SessionTable(NamedTuple):
    """A member's settings for the list of a section."""

    density: Density
    page_size: int
    columns: Sequence[str]
    default_view_id: int | None  # the saved view that the list opens with


class FoundSession(NamedTuple):
    session: Any  # a `UserSession` or a `BriefSession`
    roles: list[SessionRole]
    tables: dict[str, SessionTable]  # by section


def open_session(member: Member, source: Source) -> str:
    """Add a session; returns the key for the cookie. Only its hash is stored."""
    key = crypto.new_token()
    db.session.add(
        UserSession(
            id_hash=crypto.digest(key),
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


def find_session(key: str) -> FoundSession | None:
    """The valid session with its member, their roles and list settings, read in one statement."""
    row = db.session.execute(_FIND, _values_of(key)).first()
    if row is None:
        return None
    found, tables, roles, _organization = row
    mark_organization_set(db.session(), found.member.organization_id)
    return FoundSession(found, _read_roles(roles), _read_tables(tables))


def find_session_briefly(key: str) -> FoundSession | None:
    """What a request needs to be admitted, as plain values and without list settings; any other value costs a statement."""
    # On the connection: the session of the ORM takes longer for plain values, and no member is bound to it yet.
    row = db.session.connection().execute(_FIND_BRIEFLY, _values_of(key)).first()
    if row is None:
        return None
    found = brief_session(row)
    mark_organization_set(db.session(), found.member.organization_id)
    return FoundSession(found, _read_roles(row[len(BRIEF_COLUMNS)]), {})


def _values_of(key: str) -> dict[str, Any]:
    moment = now()
    return {"key": crypto.digest(key), "idle_since": moment - IDLE, "since": moment - LONGEST}


def _roles_of_member() -> Any:
    """Edition, id and name of each role, joined to one string, so that they arrive with the session's row."""
    glued = (
        cast(func.coalesce(RoleEdition.token, 0), String) + _PART + cast(Role.id, String) + _PART + Role.name
    )
    return (
        select(func.aggregate_strings(glued, _NEXT))
        .select_from(Role)
        .join(assoc_user_role, assoc_user_role.c.role_id == Role.id)
        .outerjoin(RoleEdition, RoleEdition.role_id == Role.id)
        .where(assoc_user_role.c.user_id == Member.id)
        .correlate(Member)
        .scalar_subquery()
    )


def _tables_of_member() -> Any:
    """The list settings, joined to one string likewise."""
    of = TableSettings
    numbers = [cast(number, String) for number in (of.page_size, func.coalesce(of.default_view_id, 0))]
    glued = of.section + _PART + cast(of.density, String) + _PART + numbers[0] + _PART + numbers[1]
    glued = glued + _PART + cast(of.columns, String)
    found = select(func.aggregate_strings(glued, _NEXT)).where(of.member_id == Member.id)
    return found.correlate(Member).scalar_subquery()


def _read_tables(glued: str | None) -> dict[str, SessionTable]:
    parts = [each.split(_PART, 4) for each in glued.split(_NEXT)] if glued else []
    return {
        section: SessionTable(Density(density), int(size), json.loads(columns), int(view) or None)  # type: ignore[call-arg]  # by its value
        for section, density, size, view, columns in parts
    }


def _read_roles(glued: str | None) -> list[SessionRole]:
    parts = [each.split(_PART, 2) for each in glued.split(_NEXT)] if glued else []
    return [SessionRole(int(key), name, int(edition) or None) for edition, key, name in parts]


def touch(session: UserSession) -> bool:
    """Update `last_seen_at` at most once a minute; returns whether it changed."""
    if now() - session.last_seen_at < _SEEN_EVERY:
        return False
    session.last_seen_at = now()
    return True


def sessions_of(member_id: int) -> Sequence[UserSession]:
    """The member's open sessions, last used first."""
    statement = (
        select(UserSession)
        .join(UserSession.member)
        .where(UserSession.member_id == member_id, *_alive())
        .order_by(UserSession.last_seen_at.desc())
    )
    return db.session.scalars(statement).all()


def end_session(member_id: int, pk: int) -> bool:
    """End one of the member's sessions; False when it is not theirs or has ended."""
    return _end(UserSession.member_id == member_id, UserSession.id == pk) > 0


def end_other_sessions(member_id: int, keep: int) -> int:
    """End all sessions but *keep*; returns how many."""
    return _end(UserSession.member_id == member_id, UserSession.id != keep)


def end_all_sessions(member: Member) -> None:
    """End all sessions by raising the epoch, including those being opened at this moment."""
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


def _alive(*, idle_since: Any = None, since: Any = None) -> Sequence[ColumnElement[bool]]:
    moment = now()
    return (
        UserSession.revoked_at.is_(None),
        UserSession.epoch == Member.session_epoch,
        UserSession.last_seen_at > (moment - IDLE if idle_since is None else idle_since),
        UserSession.created_at > (moment - LONGEST if since is None else since),
        Member.active.is_(True),
    )


def _finding(*columns: Any) -> Select[Any]:
    """The sessions with *columns*, the roles, and the organisation set for row security."""
    return (
        select(*columns, _roles_of_member(), setting_organization(Member.organization_id))
        .select_from(UserSession)
        .join(UserSession.member)
        .where(
            UserSession.id_hash == bindparam("key"),
            *_alive(idle_since=bindparam("idle_since"), since=bindparam("since")),
        )
    )


# Built once, since one of them runs with every request. An open page asks for news so often that each column counts.
_FIND = _finding(UserSession, _tables_of_member()).options(contains_eager(UserSession.member))
_FIND_BRIEFLY = _finding(*BRIEF_COLUMNS).outerjoin(Member.organization)
