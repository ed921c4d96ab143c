"""Organisations: creation with default settings, status, and entering by platform admins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.lib.persian import is_blank
from app.services.audit.record import record
from app.services.organization_defaults import (
    DEFAULT_RESULTS,
    DEFAULT_SOURCES,
    DEFAULT_SUPPORT,
    default_titles,
)
from app.services.working_time import first_holidays
from models.account import UserSession
from models.order_source import OrderSource
from models.organization import Organization, OrganizationStatus
from models.product import Product
from models.result_title import ResultScope
from models.tenancy.scope import Actor, acting_as, actor_of, bind

# Short names are typed in commands.
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")


class SlugTaken(DomainError):
    """Another organisation has this short name."""


class NoSuchOrganization(DomainError):
    """No organisation has this short name."""


def create_organization(slug: str, name: str, products: Mapping[str, str]) -> Organization:
    """Add an organisation with *products* (code → title), result titles and sources. Raises `DomainError`."""
    if is_blank(name):
        raise DomainError(_("Please fill in this field."), field="name")
    if _SLUG.fullmatch(slug) is None:
        raise DomainError(_("Only small Latin letters, digits and -, such as «nika-2»."), field="slug")
    if find_organization(slug) is not None:
        raise SlugTaken(_("The short name %(slug)s is taken."), field="slug", slug=slug)

    organization = Organization(slug=slug, name=name, holidays=first_holidays())
    db.session.add(organization)
    db.session.flush()
    with acting_as(db.session(), Actor(organization.id)) as session:
        session.add_all(Product(code=code, title=title) for code, title in products.items())
        session.add_all(default_titles(ResultScope.FOLLOW_UP, DEFAULT_RESULTS))
        session.add_all(default_titles(ResultScope.SUPPORT, DEFAULT_SUPPORT))
        session.add_all(OrderSource(title=title, kind=kind) for title, kind in DEFAULT_SOURCES)
    return get_organization(slug)


def find_organization(slug: str) -> Organization | None:
    return db.session.scalar(select(Organization).where(Organization.slug == slug))


def get_organization(slug: str) -> Organization:
    organization = find_organization(slug)
    if organization is None:
        raise NoSuchOrganization(_("There is no organisation with the short name %(slug)s."), slug=slug)
    return organization


def change_status(organization: Organization, status: OrganizationStatus) -> None:
    """Activate, suspend or close an organisation; its rows stay."""
    before = organization.status
    if before is status:
        return
    organization.status = status
    db.session.flush()
    with _within(organization):
        record("status", organization, before={"status": before.value}, after={"status": status.value})


def enter_organization(session: UserSession, organization: Organization) -> None:
    """Let a platform admin's session act in *organization*, and record that in its audit trail."""
    session.acting_organization_id = organization.id
    db.session.flush()
    with _within(organization):
        record("enter", organization)


def leave_organization(session: UserSession) -> None:
    session.acting_organization_id = None
    db.session.flush()


@contextmanager
def _within(organization: Organization) -> Iterator[None]:
    """Act for *organization* within the block; loaded rows stay loaded."""
    actor = actor_of(db.session())
    bind(db.session(), replace(actor, organization_id=organization.id))
    try:
        yield
        db.session.flush()
    finally:
        bind(db.session(), actor)
