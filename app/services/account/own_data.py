"""What is stored about a member: profile, sessions, logins, tokens, saved views and reports, and what they did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select

from app.extensions import db
from models.account import ApiToken, LoginEvent, UserSession
from models.audit.event import AuditEvent
from models.member import Member
from models.schedule.saved_report import SavedReport
from models.table_view import TableView

PAGE = 1_000


def sessions_ever_of(member: Member) -> Sequence[UserSession]:
    """All sessions of the member that are still stored."""
    return _all(select(UserSession).where(UserSession.member_id == member.id).order_by(UserSession.id))


def logins_ever_of(member: Member) -> Sequence[LoginEvent]:
    return _all(select(LoginEvent).where(LoginEvent.member_id == member.id).order_by(LoginEvent.id))


def tokens_ever_of(member: Member) -> Sequence[ApiToken]:
    return _all(select(ApiToken).where(ApiToken.member_id == member.id).order_by(ApiToken.id))


def views_of(member: Member) -> Sequence[TableView]:
    return _all(select(TableView).where(TableView.member_id == member.id).order_by(TableView.id))


def reports_of(member: Member) -> Sequence[SavedReport]:
    return _all(select(SavedReport).where(SavedReport.member_id == member.id).order_by(SavedReport.id))


def acts_of(member: Member) -> Iterator[Sequence[AuditEvent]]:
    """The events of the member, page by page."""
    last = 0
    while True:
        mine = select(AuditEvent).where(AuditEvent.actor_id == member.id, AuditEvent.id > last)
        events = _all(mine.order_by(AuditEvent.id).limit(PAGE))
        if not events:
            return
        yield events
        last = events[-1].id


def _all(statement: Select[Any]) -> Sequence[Any]:
    return db.session.scalars(statement).all()
