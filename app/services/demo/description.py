"""The demo as it stands: its members, organisations, and a row of each section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from sqlalchemy import Select, func, select

from app.extensions import db
from app.gateways.password_hash import password_matches
from app.services.demo.firms import MAIL_DOMAIN
from models.dossier import Dossier
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order, OrderStatus
from models.organization import Organization
from models.product import Product
from models.result_title import ResultTitle
from models.sale import Sale
from models.tenancy.scope import Actor, acting_as


@dataclass
class Demo:
    """What `demo --json` prints."""

    organizations: list[dict[str, Any]] = field(default_factory=list)
    users: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)


def describe_demo(password: str) -> Demo:
    """The present demo; *password* is shown for the members who have it, for others (another seed) none."""
    demo = Demo()
    # The members have one hash in common, and a check of it takes long.
    is_theirs = cache(partial(password_matches, password=password))
    people = select(Member).where(Member.email.endswith(f"@{MAIL_DOMAIN}")).order_by(Member.id)
    for person in db.session.scalars(people):
        organization = (
            db.session.get(Organization, person.organization_id) if person.organization_id else None
        )
        demo.users.append(
            {
                "username": person.username,
                "password": password if is_theirs(person.password) else None,
                "role": person.roles[0].name,
                "organization": organization.slug if organization else None,
                "id": person.id,
                "active": person.active,
            }
        )
    for organization in db.session.scalars(demo_organizations()):
        facts = {"slug": organization.slug, "name": organization.name, "id": organization.id}
        demo.organizations.append(facts)
        demo.rows[organization.slug] = _examples(organization, demo.users)
    return demo


def demo_organizations() -> Select[tuple[Organization]]:
    return (
        select(Organization).where(Organization.slug.regexp_match("^demo[0-9]+$")).order_by(Organization.id)
    )


def _repeats_of(owners: dict[int, str]) -> dict[str, int]:
    """A repeated order that waits for a decision, for each consultant of a first order."""
    found = (
        select(FollowUp.consultant_id, func.min(Order.id))
        .join(Order, Order.repeat_of_id == FollowUp.order_id)
        .where(Order.status == OrderStatus.HELD)
        .group_by(FollowUp.consultant_id)
    )
    return {f"repeated-orders/{owners[key]}": order_id for key, order_id in db.session.execute(found)}


def _examples(organization: Organization, users: Sequence[dict[str, Any]]) -> dict[str, int]:
    """One row id for each section and owner, for external tests."""
    owners = {user["id"]: user["username"] for user in users if user["organization"] == organization.slug}
    found: dict[str, int] = {}
    with acting_as(db.session(), Actor(organization.id)):
        first = select(func.min(FollowUp.id)).group_by(FollowUp.consultant_id)
        rows = select(FollowUp).where(FollowUp.id.in_(first)).order_by(FollowUp.consultant_id)
        for row in db.session.scalars(rows):
            username = owners[row.consultant_id]
            found |= {
                f"follow-ups/{username}": row.id,
                f"customers/{username}": row.customer_id,
                f"orders/{username}": row.order_id,
            }
        found |= _repeats_of(owners)
        first = select(func.min(Sale.id)).group_by(Sale.consultant_id)
        for sale in db.session.scalars(select(Sale).where(Sale.id.in_(first)).order_by(Sale.consultant_id)):
            for section in ("sales", "support"):
                found[f"{section}/{owners[sale.consultant_id]}"] = sale.id
        for name, model in (("products", Product), ("result-titles", ResultTitle), ("dossiers", Dossier)):
            found[name] = db.session.scalar(select(func.min(model.id))) or 0
    return found
