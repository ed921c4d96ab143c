"""Demo data: the same for the same seed, rich enough that every page has something to show."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import Select, func, insert, select

from app.extensions import db
from app.lib.clock import now
from app.lib.persian import fold, sort_key
from app.services.organization import find_organization, found_organization
from models.assignment import Assignment, AssignmentMethod
from models.customer import Customer
from models.follow_up import FollowUp, FollowUpEntry, FollowUpStatus
from models.member import Member
from models.order import Order, OrderStatus
from models.organization import Organization, OrganizationStatus
from models.product import Product
from models.result_title import ResultKind, ResultScope, ResultTitle
from models.scope import Acting, acting_as, fill_tenant

FIRST = ("علی", "مریم", "رضا", "زهرا", "محمد", "سارا", "حسین", "نرگس", "آرش", "پریسا", "کیان", "ژاله")
LAST = ("رضایی", "احمدی", "محمدی", "کریمی", "موسوی", "یزدانی", "قاسم‌زاده", "شریفی", "پورحسین", "میرزایی")
CITIES = (("تهران", "تهران"), ("فارس", "شیراز"), ("اصفهان", "کاشان"), ("گیلان", "رشت"), ("خوزستان", "اهواز"))
PRODUCTS = {
    "P-101": "دوره حسابداری",
    "P-102": "دوره زبان انگلیسی",
    "P-103": "اشتراک یک‌ساله",
    "P-104": "کتاب موفقیت",
    "P-105": "بسته کنکور ریاضی",
}
NOTES = ("لطفاً عصر تماس بگیرید", "قیمت را پرسید", "از اینستاگرام آمده است", "", "", "")
NAMES = ("آلفا", "بهار", "پارس", "ترنج", "ثمر", "جهان")
CHUNK = 2_000
MAIL_DOMAIN = "example.ir"

# (user name, role, first name, last name) of each organisation; the user name gets the slug appended.
PEOPLE = (
    ("manager", "Manager", "نرگس", "امینی"),
    ("consultant1", "Consultant", "سارا", "محمدی"),
    ("consultant2", "Consultant", "امیر", "حسینی"),
    ("support", "SupportAgent", "مینا", "صالحی"),
)


@dataclass
class Demo:
    """What `demo --json` prints."""

    organizations: list[dict[str, Any]] = field(default_factory=list)
    users: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)


class _Builder:
    """One run: a seeded generator and one password hash for everybody of the run."""

    def __init__(self, seed: int, password_hash: str) -> None:
        self.random = random.Random(seed)  # noqa: S311 - demo data, not secrets
        self.hash = password_hash
        self.start = now().replace(minute=0, second=0, microsecond=0)

    def person(
        self, username: str, role: str, name: tuple[str, str], organization: Organization | None
    ) -> Member:
        person = Member(
            username=username,
            first_name=name[0],
            last_name=name[1],
            email=f"{username}@{MAIL_DOMAIN}",
            password=self.hash,
            active=not username.startswith("inactive"),
            roles=[db.session.scalars(select(Role).where(Role.name == role)).one()],
            organization_id=organization.id if organization else None,
        )
        db.session.add(person)
        db.session.flush()
        return person


def build_demo(*, organizations: int = 2, follow_ups: int = 60, seed: int = 7, password_hash: str) -> None:
    """Create the organisations with their people, *follow_ups* follow-ups each, and one password for everybody."""
    builder = _Builder(seed, password_hash)
    builder.person("admin", "Admin", ("مدیر", "سامانه"), None)
    builder.person("operator", "Operator", ("پشتیبان", "سامانه"), None)
    for number in range(organizations):
        _organization(builder, f"demo{number + 1}", NAMES[number % len(NAMES)], follow_ups)
    suspended = found_organization("suspended", "سازمان تعلیق‌شده", PRODUCTS)
    suspended.status = OrganizationStatus.SUSPENDED
    builder.person("manager-suspended", "Manager", ("ناهید", "کاظمی"), suspended)
    db.session.flush()


def is_built() -> bool:
    """Whether the demo stands already: it is never built twice."""
    return find_organization("demo1") is not None


def describe_demo(password: str) -> Demo:
    """What stands of the demo whose people were given *password*, now or in an earlier run."""
    demo = Demo()
    people = select(Member).where(Member.email.endswith(f"@{MAIL_DOMAIN}")).order_by(Member.id)
    for person in db.session.scalars(people, execution_options={"unscoped": True}):
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
    for organization in db.session.scalars(_founded()):
        facts = {"slug": organization.slug, "name": organization.name, "id": organization.id}
        demo.organizations.append(facts)
        demo.rows[organization.slug] = _examples(organization, demo.users)
    return demo


def _founded() -> Select[tuple[Organization]]:
    return (
        select(Organization).where(Organization.slug.regexp_match("^demo[0-9]+$")).order_by(Organization.id)
    )


def _organization(builder: _Builder, slug: str, name: str, follow_ups: int) -> None:
    organization = found_organization(slug, f"آموزشگاه {name}", PRODUCTS)
    people = {
        key: builder.person(f"{key}-{slug}", role, (first, last), organization)
        for key, role, first, last in PEOPLE
    }
    builder.person(f"inactive-{slug}", "Consultant", ("پیشین", "همکار"), organization)
    consultants = [people["consultant1"], people["consultant2"]]
    ids = {person.username: person.id for person in consultants}
    manager_id = people["manager"].id
    with acting_as(db.session(), Acting(organization.id, manager_id)):
        for amount in _chunks(follow_ups):
            _fill(builder, list(ids.values()), amount)


def _chunks(total: int) -> Iterator[int]:
    for start in range(0, total, CHUNK):
        yield min(CHUNK, total - start)


def _fill(builder: _Builder, consultants: Sequence[int], amount: int) -> None:
    """Insert *amount* customers with an order and a follow-up each, the consultants in turn."""
    products = db.session.scalars(select(Product).order_by(Product.id)).all()
    titles = db.session.scalars(
        select(ResultTitle).where(ResultTitle.scope == ResultScope.FOLLOW_UP).order_by(ResultTitle.position)
    ).all()
    customers = _insert(Customer, [_customer(builder) for _ in range(amount)])
    orders = _insert(Order, [_order(builder, customer, products) for customer in customers])
    plans = [
        _plan(builder, order, consultants[number % len(consultants)], titles)
        for number, order in enumerate(orders)
    ]
    follow_ups = _insert(FollowUp, [plan[0] for plan in plans])
    entries = [
        {**entry, "follow_up_id": follow_up["id"]}
        for follow_up, (_row, entry) in zip(follow_ups, plans, strict=True)
        if entry
    ]
    _insert(FollowUpEntry, entries)
    _insert(Assignment, [_assignment(row) for row in follow_ups])


def _insert(model: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Insert in bulk; the rows come back with their ids, in their order."""
    if not rows:
        return []
    fill_tenant(db.session(), rows)
    statement = insert(model).returning(model.id, sort_by_parameter_order=True)
    for row, key in zip(rows, db.session.scalars(statement, rows).all(), strict=True):
        row["id"] = key
    return rows


def _customer(builder: _Builder) -> dict[str, Any]:
    pick = builder.random.choice
    first, last, (province, city) = pick(FIRST), pick(LAST), pick(CITIES)
    mobile = f"+989{builder.random.randrange(10**9):09d}"
    text = f"{first} {last}|{mobile.removeprefix('+98')}"
    return {
        "mobile": mobile,
        "first_name": first,
        "last_name": last,
        "province": province,
        "city": city,
        "search_key": fold(text),
        "sort_key": sort_key(text)[:200],
    }


def _order(builder: _Builder, customer: dict[str, Any], products: Sequence[Product]) -> dict[str, Any]:
    return {
        "customer_id": customer["id"],
        "product_id": builder.random.choice(products).id,
        "ordered_at": builder.start - timedelta(hours=builder.random.randrange(1, 24 * 60)),
        "note": builder.random.choice(NOTES) or None,
        "status": OrderStatus.ASSIGNED,
    }


def _plan(
    builder: _Builder, order: dict[str, Any], consultant: int, titles: Sequence[ResultTitle]
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """A follow-up and, for three in four, the result that was recorded last."""
    row: dict[str, Any] = {
        "order_id": order["id"],
        "customer_id": order["customer_id"],
        "product_id": order["product_id"],
        "consultant_id": consultant,
        "last_result_id": None,
        "next_at": None,
        "attempts": 0,
        "status": FollowUpStatus.OPEN,
        "last_entry_at": None,
        "first_contact_at": None,
    }
    if builder.random.random() < 0.25:
        return row, None
    title = builder.random.choice([each for each in titles if each.kind is not ResultKind.WON])
    at = builder.start - timedelta(hours=builder.random.randrange(1, 24 * 20))
    row |= {"last_result_id": title.id, "last_entry_at": at, "first_contact_at": at}
    row["attempts"] = builder.random.randrange(1, 6)
    row |= _next_step(builder, title)
    entry = {
        "result_title_id": title.id,
        "at": at,
        "by_id": consultant,
        "next_at": row["next_at"],
        "note": builder.random.choice(NOTES) or None,
    }
    return row, entry


def _next_step(builder: _Builder, title: ResultTitle) -> dict[str, Any]:
    if title.kind is ResultKind.LOST:
        return {"status": FollowUpStatus.LOST}
    if title.kind is ResultKind.INVALID:
        return {"status": FollowUpStatus.INVALID}
    hours = builder.random.randrange(-48, 24 * 7)
    moment: datetime = builder.start + timedelta(hours=hours, minutes=builder.random.choice((0, 15, 30, 45)))
    return {"status": FollowUpStatus.WAITING, "next_at": moment}


def _assignment(follow_up: dict[str, Any]) -> dict[str, Any]:
    return {
        "order_id": follow_up["order_id"],
        "to_member_id": follow_up["consultant_id"],
        "method": AssignmentMethod.ROUND_ROBIN,
    }


def _examples(organization: Organization, users: Sequence[dict[str, Any]]) -> dict[str, int]:
    """One row id for each section and owner, for tests from outside."""
    owners = {user["id"]: user["username"] for user in users if user["organization"] == organization.slug}
    found: dict[str, int] = {}
    with acting_as(db.session(), Acting(organization.id)):
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
