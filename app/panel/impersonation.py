"""A worker in a member's place: what it may and what it sees is what the member may and sees at that moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import current_app, g
from flask_babel import lazy_gettext as _
from werkzeug.exceptions import HTTPException

from app.errors import DomainError
from app.extensions import appbuilder, db
from app.panel.access import lock_membership, permitted
from app.panel.actor import role_names
from app.panel.declaration import Declaration
from models.member import Member
from models.role import shows_own_rows
from models.tenancy.scope import Actor, bind


class JobAborted(DomainError):
    """The job can't go on: what it needs, a right or a section, is no longer there."""


@dataclass(frozen=True)
class RequesterJob:
    """A job and its section (None where it is gone), in a session that acts for the member who asked."""

    job: Any
    section: Any


@contextmanager
def run_as_requester(model: Any, job_id: int, organization_id: int) -> Iterator[RequesterJob]:
    """A job in a context of its own: its session acts for the member who asked, with what he may now."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's own
    with app.app_context(), app.test_request_context():
        session = db.session()
        bind(session, Actor(organization_id))
        job = session.get_one(model, job_id)
        member = session.get(Member, job.created_by_id)
        g._login_user = member
        own = member is not None and all(map(shows_own_rows, role_names()))
        bind(
            session,
            Actor(organization_id, job.created_by_id, own, request_id=f"{job.__tablename__}-{job.id}"),
        )
        yield RequesterJob(job, section_of(job.section))


def section_of(slug: str) -> Any:
    """The section of that address, None where it is gone."""
    views = (view for view in appbuilder.baseviews if isinstance(view, Declaration))
    return next((view for view in views if view.slug == slug), None)


def lock_permission(job: Any, section: Any, permission: str) -> None:
    """Raise `JobAborted` when the member has lost his place or his right; he keeps both until the commit."""
    member: Member | None = g._login_user
    if member is None or member.organization_id not in {None, job.organization_id}:
        raise JobAborted(_("The account that asked for this is no longer active here."))
    try:
        lock_membership()
    except HTTPException as error:
        raise JobAborted(_("The account that asked for this is no longer active here.")) from error
    if not permitted(section, permission):
        raise JobAborted(_("The right to do this was withdrawn."))
