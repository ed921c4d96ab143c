"""The actor of a session: the organisation and the member for whom its statements run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from models.tenancy.owner import Unscoped
from models.tenancy.row_security import update_organization, update_tickets

_ACTOR = "actor"


@dataclass(frozen=True)
class Actor:
    """The organisation and the member for whom statements run; without an organisation, tenant tables look empty."""

    organization_id: int | None
    member_id: int | None = None
    own: bool = False  # reads and writes only the rows of `Tenant.owned_by`
    sees_private: bool = False  # reads also the private rows of other members
    reads_tickets: bool = False  # manages the organisation, and reads all its tickets
    serves_tickets: bool = False  # of the platform's support: reads the tickets of all organisations
    # The origin of the request, for audit events only.
    request_id: str | None = None
    ip: str | None = None
    agent: str | None = None
    session_id: int | None = None


def bind(session: Session, actor: Actor) -> None:
    """Set the actor of *session* until the session is closed."""
    session.info[_ACTOR] = actor
    update_organization(session, actor.organization_id)
    update_tickets(session, is_on=actor.serves_tickets)


def actor_of(session: Session) -> Actor:
    """The actor of *session*; raises `Unscoped` when there is none."""
    actor = actor_or_none(session)
    if actor is None:
        raise Unscoped("bind the session to an organisation first")
    return actor


def actor_or_none(session: Session) -> Actor | None:
    """The actor of *session*, None when it was not bound."""
    actor: Actor | None = session.info.get(_ACTOR)
    return actor


@contextmanager
def acting_as(session: Session, actor: Actor) -> Iterator[Session]:
    """Bind *session* to *actor* for the block; rows that are loaded on one side are expunged on the other."""
    before = session.info.get(_ACTOR)
    session.expunge_all()
    bind(session, actor)
    try:
        yield session
        session.flush()
    finally:
        session.expunge_all()
        session.info[_ACTOR] = before
        update_organization(session, before.organization_id if before else None)
        update_tickets(session, is_on=before is not None and before.serves_tickets)


@contextmanager
def whole_organization(session: Session) -> Iterator[None]:
    """Lift the limits to the actor's own and private rows, for rules that need all rows of the organisation (repeats)."""
    actor = actor_of(session)
    # The organisation stays, so the settings of the transaction do.
    session.info[_ACTOR] = replace(actor, own=False, sees_private=True)
    try:
        yield
        session.flush()
    finally:
        session.info[_ACTOR] = actor


@contextmanager
def within_organization(session: Session, organization_id: int) -> Iterator[None]:
    """Write into an organisation for the block, as the support of the platform does on a ticket."""
    actor = actor_of(session)
    bind(session, replace(actor, organization_id=organization_id))
    try:
        yield
        session.flush()
    finally:
        bind(session, actor)
