"""Who is working, and for which organisation: bound to the session before any view runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.exc import DBAPIError

from app.extensions import appbuilder, db
from app.lib.money import Currency
from app.panel.outage import leave_transaction
from models.organization import Organization, OrganizationStatus
from models.role import shows_own_rows
from models.tenancy.scope import Actor, actor_of, bind
from models.writes import has_written

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

ROLE_LABELS: dict[str, LazyString] = {
    "Consultant": _l("Consultant"),
    "SupportAgent": _l("Support agent"),
    "Manager": _l("Organisation manager"),
    "Operator": _l("Platform support"),
    "Admin": _l("Platform admin"),
}


def role_label(name: str) -> str:
    """What people call the role; an extra one carries its title in its name."""
    if name in ROLE_LABELS:
        return str(ROLE_LABELS[name])
    return name.rpartition(":")[2]


@dataclass(frozen=True)
class CurrentMember:
    """What the frame of every page says of who is logged in."""

    full_name: str
    initials: str
    role_label: str
    organization_name: str | None
    accepts_orders: bool


def bind_request() -> None:
    """Let the session act for who is logged in; a stranger's session acts for nobody and refuses."""
    user: Any = current_user
    if not user.is_authenticated:
        return
    organization = acting_organization()
    suspended = organization is not None and organization.status is not OrganizationStatus.ACTIVE
    roles = role_names()
    bind(
        db.session(),
        Actor(
            organization_id=None if organization is None or suspended else organization.id,
            member_id=user.id,
            own=all(map(shows_own_rows, roles)),
            request_id=g.get("request_id"),
            ip=request.remote_addr,
            agent=request.user_agent.string[:300],
            session_id=getattr(g.get("user_session"), "id", None),
        ),
    )


def acting_organization() -> Organization | None:
    """The member's own organisation, or the one that a platform admin chose to act in."""
    own: Organization | None = current_user.organization
    session = g.get("user_session")
    if own is not None or session is None or session.acting_organization_id is None:
        return own
    if "acting_organization" not in g:
        g.acting_organization = db.session.get(Organization, session.acting_organization_id)
    chosen: Organization | None = g.acting_organization
    return chosen


def acts_somewhere() -> bool:
    """Whether the session acts in an organisation that is open; anonymous requests and the platform's own members don't."""
    return current_user.is_authenticated and actor_of(db.session()).organization_id is not None


def acted_in() -> str | None:
    """The name of an organisation that is not the member's own but that he acts in; for the ribbon."""
    if not current_user.is_authenticated or current_user.organization is not None:
        return None
    chosen = acting_organization()
    return chosen.name if chosen else None


def role_names() -> frozenset[str]:
    """The roles of who is logged in, read once a request."""
    if "role_names" not in g:
        g.role_names = frozenset(role.name for role in appbuilder.sm.current_roles())
    names: frozenset[str] = g.role_names
    return names


def sees_own_rows_only() -> bool:
    """Whether who is logged in sees only the rows that are his."""
    return actor_of(db.session()).own


def member_id() -> int:
    """The id of who is logged in."""
    member: int | None = actor_of(db.session()).member_id
    if member is None:
        raise LookupError("nobody is logged in")
    return member


def currency() -> Currency:
    """The currency that the acting organisation reads."""
    organization = acting_organization()
    return Currency(organization.currency.value) if organization else Currency.TOMAN


def current_member() -> CurrentMember | None:
    """Who is logged in, for the frame; None on the login page."""
    user: Any = current_user._get_current_object()
    if not user.is_authenticated:
        return None
    names = role_names()
    label = next((words for role, words in ROLE_LABELS.items() if role in names), "")
    label = label or "، ".join(map(role_label, names))
    return CurrentMember(
        full_name=user.full_name,
        initials="‌".join(part[:1] for part in (user.first_name, user.last_name) if part),
        role_label=str(label),
        organization_name=user.organization.name if user.organization else None,
        accepts_orders=bool(user.accepts_orders),
    )


def init_actor(app: Flask) -> None:
    """Must come after FAB, whose own hook tells who is logged in."""
    app.before_request(bind_request)
    app.after_request(_note_status)
    app.teardown_request(_commit_reads)


def _note_status(response: Response) -> Response:
    g.is_answered = response.status_code < 400
    return response


def _commit_reads(error: BaseException | None) -> None:
    """End a GET that wrote nothing with a commit: a rollback makes the driver drop its prepared statements."""
    if error is not None or request.method not in _SAFE or not g.get("is_answered"):
        return
    session = db.session()
    if not session.in_transaction() or not session.is_active:
        return
    if session.new or session.dirty or session.deleted or has_written(session):
        return
    try:
        session.commit()
    except DBAPIError:
        # The answer is written already; a database that went away since then does not change it.
        leave_transaction()
