"""Jobs that run with the current rights and rows of the member who requested them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import current_app, g
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from app.errors import DomainError
from app.extensions import appbuilder, db
from app.panel.access import lock_membership, permitted
from app.panel.actor import role_names
from app.panel.declaration import Declaration
from app.panel.page import Page
from models.job import BulkJob, ExportJob, Job
from models.member import Member
from models.organization import Organization, OrganizationStatus
from models.role import shows_own_rows
from models.tenancy.scope import Actor, bind


class JobAborted(DomainError):
    """A job cannot continue because its right or section is gone."""


@dataclass(frozen=True)
class RequesterJob:
    """A job and its section (None where it is gone), in a session that acts for the requester."""

    job: Any
    section: Any


@contextmanager
def run_as_requester(model: type[Job], job_id: int, organization_id: int) -> Iterator[RequesterJob]:
    """A context in which the session acts for the member who requested the job, with their current rights."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a method of the proxy
    with app.app_context(), app.test_request_context():
        session = db.session()
        bind(session, Actor(organization_id))
        job = session.get_one(model, job_id)
        member = session.get(Member, job.created_by_id)
        g._login_user, g.is_member = member, member is not None and member.organization_id is not None
        own = member is not None and all(map(shows_own_rows, role_names()))
        bind(
            session,
            Actor(organization_id, job.created_by_id, own, request_id=f"{job.__tablename__}-{job.id}"),
        )
        yield RequesterJob(job, section_of(job.section))


@contextmanager
def run_as_member(organization_id: int, member_id: int, request_id: str) -> Iterator[None]:
    """A context in which a session of its own acts for a member, with their current rights and rows."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a method of the proxy
    with app.app_context(), app.test_request_context():
        session = db.session()
        bind(session, Actor(organization_id))
        g._login_user = session.get(Member, member_id)
        own = g._login_user is not None and all(map(shows_own_rows, role_names()))
        bind(session, Actor(organization_id, member_id, own, request_id=request_id))
        yield


def section_of(slug: str) -> Any:
    """The section or report with that slug; None where it is gone."""
    views = (view for view in appbuilder.baseviews if isinstance(view, Declaration | Page))
    return next((view for view in views if view.slug == slug), None)


def lock_permission(job: BulkJob | ExportJob, section: Declaration, permission: str) -> None:
    """Lock the requester's membership until the commit; raises `JobAborted` if it or their right is gone."""
    member: Member | None = g._login_user
    if member is None or member.organization_id not in {None, job.organization_id}:
        raise JobAborted(_("The account that asked for this is no longer active here."))
    try:
        lock_membership()
    except HTTPException as error:
        raise JobAborted(_("The account that asked for this is no longer active here.")) from error
    # A platform admin belongs to no organisation; they act in one only while it is active.
    if member.organization_id is None and not _is_active(job.organization_id):
        raise JobAborted(_("The organisation was suspended meanwhile."))
    if not permitted(section, permission):
        raise JobAborted(_("The right to do this was withdrawn."))


def _is_active(organization_id: int) -> bool:
    status = select(Organization.status).where(Organization.id == organization_id)
    return db.session.scalar(status) is OrganizationStatus.ACTIVE
