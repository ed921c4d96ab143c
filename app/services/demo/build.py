"""Demo data for all pages, reproducible by a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC

from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _
from sqlalchemy import func, or_, select

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.lib.jalali import TEHRAN
from app.lib.persian import persian_digits
from app.services.audit.record import muted
from app.services.demo.campaigns import limit_sms, write_campaigns
from app.services.demo.contacts import write_contacts
from app.services.demo.day.messages import write_messages
from app.services.demo.day.notifications import write_notifications
from app.services.demo.day.tasks import write_tasks
from app.services.demo.day.tickets import write_tickets
from app.services.demo.desk import write_desks
from app.services.demo.draw import Draw
from app.services.demo.firms import MAIL_DOMAIN, NAMES, PEOPLE, PRICES, PRODUCTS, ROLES, SOURCES
from app.services.demo.foreign_keys import foreign_keys_at_the_end
from app.services.demo.history import write_history
from app.services.demo.imports import write_imports
from app.services.demo.repeats import repeat
from app.services.demo.rows import CHUNK, FILLED, fill, sell, share
from app.services.demo.sales.payments import pay
from app.services.demo.sales.support import support
from app.services.demo.sms import write_texts
from app.services.demo.trash import fill_trash
from app.services.organization import create_organization, find_organization
from app.services.report.rebuild import rebuild_summary
from models.member import Member
from models.order_source import OrderSource
from models.organization import Organization, OrganizationStatus
from models.product import Product
from models.tenancy.scope import Actor, acting_as


class DemoRefused(DomainError):
    """An account of the demo would have the user name or the e-mail of another account."""


class _Builder:
    """One run: a seeded generator and one password hash for all its accounts."""

    def __init__(self, seed: int, password_hash: str, on_filled: Callable[[int], None]) -> None:
        # An hour of Tehran, which begins at half past of UTC: just after midnight it belongs to the new day.
        hour = now().astimezone(TEHRAN).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
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
        _organization(builder, number, follow_ups)
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


def _organization(builder: _Builder, number: int, follow_ups: int) -> None:
    slug = f"demo{number + 1}"
    organization = create_organization(slug, _name(number), PRODUCTS)
    _set_up(organization)
    names = PEOPLE[number % len(PEOPLE)]
    people = {
        key: builder.person(f"{key}-{slug}", role, names[key], organization) for key, role in ROLES.items()
    }
    builder.person(f"inactive-{slug}", "Consultant", ("پیشین", "همکار"), organization)
    with acting_as(db.session(), Actor(organization.id, people["manager"].id)):
        for amount in _fill(builder.draw, organization, people, follow_ups):
            builder.on_filled(amount)
        # The lines were written without the services that count them.
        rebuild_summary()


def _fill(
    draw: Draw, organization: Organization, people: dict[str, Member], follow_ups: int
) -> Iterator[int]:
    """Fill all sections of the acting organisation; yields the number of follow-ups of each batch."""
    keys = {name: person.id for name, person in people.items()}
    manager_id, agent_id, first, second = (
        keys[name] for name in ("manager", "support", "consultant1", "consultant2")
    )
    # For few rows the checks one by one are cheaper.
    with foreign_keys_at_the_end(*FILLED) if follow_ups > CHUNK else nullcontext():
        yield from fill(draw, (first, second), follow_ups, manager=manager_id, agent=agent_id)
    repeat(draw, follow_ups)
    share(draw, first, second)
    sell(draw, organization)
    support(draw, organization, agent_id)
    pay(draw, organization, manager_id)
    write_contacts(draw, first)
    write_imports(draw, organization)
    limit_sms(draw, organization, (first, second))
    write_campaigns(draw, organization, db.session.get_one(Member, manager_id), write_texts())
    fill_trash(draw, manager_id)
    write_history(draw, manager_id, first)
    write_desks(draw, keys["manager"], (first, second))
    write_tasks(draw, manager_id, agent_id, (first, second))
    write_notifications(manager_id, (first, second), write_messages(people))
    write_tickets(people)


def _set_up(organization: Organization) -> None:
    """Set the prices of the products, and add the sources of orders."""
    with acting_as(db.session(), Actor(organization.id)):
        db.session.add_all(OrderSource(title=title, kind=kind) for title, kind in SOURCES)
        for product in db.session.scalars(select(Product)):
            product.price = PRICES[product.code]
        db.session.flush()
