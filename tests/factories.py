"""Valid rows with nothing to fill in; a test names only what it is about."""

from __future__ import annotations

from datetime import datetime

import factory
from factory.alchemy import SQLAlchemyModelFactory

from app.extensions import appbuilder, db
from app.services.organization import create_organization
from models.customer import Customer
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order, OrderStatus
from models.organization import Organization
from models.product import Product
from models.result_title import ResultKind, ResultTitle
from models.sms.template import SmsCategory, SmsTemplate
from models.tenancy.scope import actor_of
from tests.support.canaries import canary

# One hash for all: a fresh one costs a tenth of a second.
PASSWORD = "correct horse 12"
PASSWORD_HASH = (
    "scrypt:32768:8:1$wiDa0ruWlIPhp9LM$6e409d093e62ad54df2af895d0e125b05ff6cf6414"
    "8350189ffc4bcc71286edf1b8ad94a442c00f890224bf2b32153d0750c89ee9401e62f9dcee5399065e4e5"
)


# FAB stores the last login without its time zone.
LOGGED_IN = datetime(2026, 1, 1)  # noqa: DTZ001


def organization_with(slug: str, **products: str) -> Organization:
    """A founded organisation, with its result titles and sources; `P101="…"` adds a product."""
    titles = dict(products.items()) or {"P101": "دوره حسابداری"}
    return create_organization(slug, f"سازمان {slug}", titles)


def member(role: str, organization: Organization | None, name: str | None = None, **fields) -> Member:
    """A person with *role*; organisation None for Admin and Operator."""
    username = name or f"{role.lower()}-{organization.slug if organization else 'platform'}"
    person = Member(
        first_name=fields.pop("first_name", "سارا"),
        last_name=fields.pop("last_name", username),
        username=username,
        email=f"{username}@example.ir",
        password=PASSWORD_HASH,
        active=fields.pop("active", True),
        roles=[appbuilder.sm.find_role(role)],
        organization_id=organization.id if organization else None,
        last_login=fields.pop("last_login", LOGGED_IN),
        **fields,
    )
    db.session.add(person)
    db.session.flush()
    return person


def _word(owner_id: int | None = None) -> str:
    """Every row carries the word of whose it is; `Browser` looks for it in what others are shown."""
    return canary(actor_of(db.session()).organization_id or 0, owner_id)


class Factory(SQLAlchemyModelFactory):
    class Meta:
        abstract = True
        sqlalchemy_session_factory = lambda: db.session  # noqa: E731 - factory_boy wants a callable here
        sqlalchemy_session_persistence = "flush"


class ProductFactory(Factory):
    class Meta:
        model = Product

    title = factory.Sequence(lambda n: f"محصول {n} {_word()}")
    code = factory.Sequence(lambda n: f"T-{n}")
    price = 10_000_000


class ResultTitleFactory(Factory):
    class Meta:
        model = ResultTitle

    title = factory.Sequence(lambda n: f"نتیجه {n} {_word()}")
    kind = ResultKind.OPEN


class CustomerFactory(Factory):
    class Meta:
        model = Customer

    first_name = "مریم"
    last_name = factory.LazyFunction(lambda: f"رضایی {_word()}")
    mobile = factory.Sequence(lambda n: f"0912{n:07d}")


class OrderFactory(Factory):
    class Meta:
        model = Order

    customer = factory.SubFactory(CustomerFactory)
    product = factory.SubFactory(ProductFactory)
    note = factory.LazyFunction(_word)


def _consultant_of(follow_up) -> int:
    return follow_up.consultant.id if hasattr(follow_up, "consultant") else follow_up.consultant_id


class FollowUpFactory(Factory):
    """An assigned order and its follow-up; the consultant is whoever the session acts for unless named."""

    class Meta:
        model = FollowUp

    order = factory.SubFactory(
        OrderFactory,
        status=OrderStatus.ASSIGNED,
        note=factory.LazyAttribute(lambda order: _word(_consultant_of(order.factory_parent))),
    )
    customer = factory.SelfAttribute("order.customer")
    product = factory.SelfAttribute("order.product")
    consultant_id = factory.LazyFunction(lambda: actor_of(db.session()).member_id)


class SmsTemplateFactory(Factory):
    class Meta:
        model = SmsTemplate

    title = factory.Sequence(lambda number: f"پیامک {number}")
    body = "سلام {نام}"
    category = SmsCategory.PATTERN
    pattern_code = "greet"
