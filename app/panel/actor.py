"""The acting member and organisation of a request, bound to the database session before any view runs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Request

from app.extensions import appbuilder, db
from app.lib.money import Currency
from app.panel.outage import leave_transaction
from models.organization import Organization, OrganizationStatus
from models.role import READS_TICKETS, SERVES_TICKETS, shows_own_rows
from models.tenancy.scope import Actor, actor_of, bind
from models.tenancy.writes import has_written

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

ROLE_LABELS: dict[str, LazyString] = {
    "Consultant": _l("Consultant"),
    "SupportAgent": _l("Support agent"),
    "Manager": _l("Organisation manager"),
    "Operator": _l("Platform support"),
    "Admin": _l("Platform admin"),
}


def role_label(name: str) -> str:
    """The label of the role; the name of an extra role contains its label."""
    if name in ROLE_LABELS:
        return str(ROLE_LABELS[name])
    return name.rpartition(":")[2]


@dataclass(frozen=True)
class CurrentMember:
    """The logged-in member as the frame of every page shows them."""

    id: int
    full_name: str
    initials: str
    role_label: str
    organization_name: str | None
    accepts_orders: bool


def bind_request() -> None:
    """Bind the database session to the logged-in member; an anonymous request gets no actor."""
    # Not the proxy, which looks the user up at each access.
    user: Any = current_user._get_current_object()
    if not user.is_authenticated:
        return
    g.is_member = user.organization_id is not None
    organization = acting_organization()
    actor = member_actor(
        user,
        organization,
        role_names(),
        asked=request,
        session_id=getattr(g.get("user_session"), "id", None),
        request_id=g.get("request_id"),
    )
    bind(db.session(), actor)


def member_actor(
    user: Any,
    organization: Any,
    roles: Collection[str],
    *,
    asked: Request,
    session_id: int | None,
    request_id: str | None = None,
) -> Actor:
    """The actor of the request *asked* of *user*, who acts in *organization*, with their *roles*."""
    is_active = organization is not None and organization.status is OrganizationStatus.ACTIVE
    return Actor(
        organization_id=organization.id if is_active else None,
        member_id=user.id,
        own=all(map(shows_own_rows, roles)),
        reads_tickets=not READS_TICKETS.isdisjoint(roles),
        serves_tickets=user.organization_id is None and not SERVES_TICKETS.isdisjoint(roles),
        request_id=request_id,
        ip=asked.remote_addr,
        agent=asked.user_agent.string[:300],
        session_id=session_id,
    )


def acting_organization() -> Organization | None:
    """The member's own organisation, or the one that a platform member chose to act in."""
    own: Organization | None = current_user.organization
    session = g.get("user_session")
    if own is not None or session is None or session.acting_organization_id is None:
        return own
    if "acting_organization" not in g:
        g.acting_organization = db.session.get(Organization, session.acting_organization_id)
    chosen: Organization | None = g.acting_organization
    return chosen


def acts_somewhere() -> bool:
    """Whether the session acts in an active organisation."""
    return current_user.is_authenticated and actor_of(db.session()).organization_id is not None


def is_member() -> bool:
    """Whether the user belongs to an organisation; False for the people of the platform, wherever they act."""
    return bool(g.get("is_member"))


def serves_tickets() -> bool:
    """Whether the user is of the platform's support, and reads the tickets of all organisations."""
    return current_user.is_authenticated and actor_of(db.session()).serves_tickets


def has_notifications() -> bool:
    """Whether notifications reach the user: in an organisation, or as an operator on tickets."""
    return acts_somewhere() or (current_user.is_authenticated and "Operator" in role_names())


def acted_in() -> str | None:
    """The name of the organisation that a platform member acts in; None for all other users."""
    if not current_user.is_authenticated or current_user.organization is not None:
        return None
    chosen = acting_organization()
    return chosen.name if chosen else None


def role_names() -> frozenset[str]:
    """The roles of the member, read once per request."""
    if "role_names" not in g:
        g.role_names = frozenset(role.name for role in appbuilder.sm.current_roles())
    names: frozenset[str] = g.role_names
    return names


def sees_own_rows_only() -> bool:
    """Whether the member sees only their own rows."""
    return actor_of(db.session()).own


def member_id() -> int:
    """The id of the member; raises LookupError without one."""
    member: int | None = actor_of(db.session()).member_id
    if member is None:
        raise LookupError("no member is logged in")
    return member


def currency() -> Currency:
    """The currency of the acting organisation."""
    organization = acting_organization()
    return Currency(organization.currency.value) if organization else Currency.TOMAN


def current_member() -> CurrentMember | None:
    """The member for the frame; None for an anonymous user."""
    user: Any = current_user._get_current_object()
    if not user.is_authenticated:
        return None
    names = role_names()
    label = next((text for role, text in ROLE_LABELS.items() if role in names), "")
    label = label or "، ".join(map(role_label, names))
    return CurrentMember(
        id=user.id,
        full_name=user.full_name,
        initials="‌".join(part[:1] for part in (user.first_name, user.last_name) if part),
        role_label=str(label),
        organization_name=user.organization.name if user.organization else None,
        accepts_orders=bool(user.accepts_orders),
    )


def init_actor(app: Flask) -> None:
    """Bind each request to its actor."""
    # After the initialisation of FAB, whose own hook loads the user.
    app.before_request(bind_request)
    app.after_request(_remember_success)
    app.teardown_request(_commit_reads)


def _remember_success(response: Response) -> Response:
    g.is_success = response.status_code < 400
    return response


def _commit_reads(error: BaseException | None) -> None:
    """Commit the transaction of a successful GET without writes."""
    # A rollback would make the driver drop its prepared statements.
    if error is not None or request.method not in _SAFE or not g.get("is_success"):
        return
    session = db.session()
    if not session.in_transaction() or not session.is_active:
        return
    if session.new or session.dirty or session.deleted or has_written(session):
        return
    try:
        session.commit()
    except DBAPIError:
        # The response is complete, so a lost database connection does not change it.
        leave_transaction()
