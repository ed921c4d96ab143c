"""Demo data for all pages, reproducible by a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, func, or_, select

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.lib.persian import persian_digits
from app.services.audit.record import muted
from app.services.demo.rows import Draw, fill, sell, share
from app.services.demo.sms import write_texts
from app.services.organization import create_organization, find_organization
from models.follow_up import FollowUp
from models.member import Member
from models.organization import Organization, OrganizationStatus
from models.product import Product
from models.result_title import ResultTitle
from models.tenancy.scope import Actor, acting_as

PRODUCTS = {
    "P-101": "دوره حسابداری",
    "P-102": "دوره زبان انگلیسی",
    "P-103": "اشتراک یک‌ساله",
    "P-104": "کتاب موفقیت",
    "P-105": "بسته کنکور ریاضی",
}
NAMES = ("آلفا", "بهار", "پارس", "ترنج", "ثمر", "جهان")
MAIL_DOMAIN = "example.ir"

# (user name, role, first name, last name) of each organisation; the user name gets the slug appended.
PEOPLE = (
    ("manager", "Manager", "نرگس", "امینی"),
    ("consultant1", "Consultant", "سارا", "محمدی"),
    ("consultant2", "Consultant", "امیر", "حسینی"),
    ("support", "SupportAgent", "مینا", "صالحی"),
)


class DemoRefused(DomainError):
    """An account of the demo would have the user name or the e-mail of another account."""


@dataclass
class Demo:
    """What `demo --json` prints."""

    organizations: list[dict[str, Any]] = field(default_factory=list)
    users: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)


class _Builder:
    """One run: a seeded generator and one password hash for all its accounts."""

    def __init__(self, seed: int, password_hash: str, on_filled: Callable[[int], None]) -> None:
        hour = now().replace(minute=0, second=0, microsecond=0)
        self.draw = Draw(random.Random(seed), hour)  # noqa: S311 - demo data, not secrets
        self.hash = password_hash
        self.on_filled = on_filled

    def person(
        self, username: str, role: str, name: tuple[str, str], organization: Organization | None
    ) -> Member:
        email = f"{username}@{MAIL_DOMAIN}"
        _refuse_taken(username, email)
        person = Member(
            username=username,
            first_name=name[0],
            last_name=name[1],
            email=email,
            password=self.hash,
            last_login=self.draw.start.replace(tzinfo=None),
            active=not username.startswith("inactive"),
            roles=[db.session.scalars(select(Role).where(Role.name == role)).one()],
            organization_id=organization.id if organization else None,
        )
        db.session.add(person)
        db.session.flush()
        return person


def _refuse_taken(username: str, email: str) -> None:
    taken = or_(func.lower(Member.username) == username, func.lower(Member.email) == email)
    if db.session.scalar(select(Member.id).where(taken)) is not None:
        words = _("An account with the user name «%(username)s» or the e-mail %(email)s exists already.")
        raise DemoRefused(words, username=username, email=email)


def build_demo(
    *,
    organizations: int = 2,
    follow_ups: int = 60,
    seed: int = 7,
    password_hash: str,
    on_filled: Callable[[int], None] = lambda _amount: None,
) -> None:
    """Create the organisations with their people, *follow_ups* follow-ups each, and one password for all.

    *on_filled* gets the number of follow-ups after each batch. Raises `DemoRefused`.
    """
    with muted():  # These are not actions of members.
        _build(_Builder(seed, password_hash, on_filled), organizations, follow_ups)


def _build(builder: _Builder, organizations: int, follow_ups: int) -> None:
    builder.person("admin", "Admin", ("مدیر", "سامانه"), None)
    builder.person("operator", "Operator", ("پشتیبان", "سامانه"), None)
    for number in range(organizations):
        _organization(builder, f"demo{number + 1}", _name(number), follow_ups)
    suspended = create_organization("suspended", "سازمان تعلیق‌شده", PRODUCTS)
    suspended.status = OrganizationStatus.SUSPENDED
    builder.person("manager-suspended", "Manager", ("ناهید", "کاظمی"), suspended)
    db.session.flush()


def _name(number: int) -> str:
    """The name of the organisation *number*; names that repeat get a number."""
    turn, place = divmod(number, len(NAMES))
    name = f"آموزشگاه {NAMES[place]}"
    return f"{name} {persian_digits(turn + 1)}" if turn else name


def is_built() -> bool:
    """Whether the demo exists; it is built once."""
    return find_organization("demo1") is not None


def describe_demo(password: str) -> Demo:
    """The present demo; *password* is that of its members."""
    demo = Demo()
    people = select(Member).where(Member.email.endswith(f"@{MAIL_DOMAIN}")).order_by(Member.id)
    for person in db.session.scalars(people):
        organization = (
            db.session.get(Organization, person.organization_id) if person.organization_id else None
        )
        demo.users.append(
            {
                "username": person.username,
                "password": password,
                "role": person.roles[0].name,
                "organization": organization.slug if organization else None,
                "id": person.id,
                "active": person.active,
            }
        )
    for organization in db.session.scalars(_demo_organizations()):
        facts = {"slug": organization.slug, "name": organization.name, "id": organization.id}
        demo.organizations.append(facts)
        demo.rows[organization.slug] = _examples(organization, demo.users)
    return demo


def _demo_organizations() -> Select[tuple[Organization]]:
    return (
        select(Organization).where(Organization.slug.regexp_match("^demo[0-9]+$")).order_by(Organization.id)
    )


def _organization(builder: _Builder, slug: str, name: str, follow_ups: int) -> None:
    organization = create_organization(slug, name, PRODUCTS)
    people = {
        key: builder.person(f"{key}-{slug}", role, (first, last), organization)
        for key, role, first, last in PEOPLE
    }
    builder.person(f"inactive-{slug}", "Consultant", ("پیشین", "همکار"), organization)
    consultants = [people["consultant1"], people["consultant2"]]
    ids = {person.username: person.id for person in consultants}
    manager_id = people["manager"].id
    with acting_as(db.session(), Actor(organization.id, manager_id)):
        for amount in fill(builder.draw, list(ids.values()), follow_ups):
            builder.on_filled(amount)
        share(builder.draw, *ids.values())
        sell(organization)
        write_texts(organization, people["manager"])


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
        for name, model in (("products", Product), ("result-titles", ResultTitle)):
            found[name] = db.session.scalar(select(func.min(model.id))) or 0
    return found
