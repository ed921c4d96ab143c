"""Valid rows with nothing to fill in; a test names only what it is about."""

from __future__ import annotations

from datetime import datetime

import factory
from factory.alchemy import SQLAlchemyModelFactory
from werkzeug.security import generate_password_hash

from app.extensions import appbuilder, db
from app.services.organization import create_organization
from models.customer import Customer
from models.dossier import Dossier
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order, OrderStatus
from models.organization import Organization
from models.product import Product
from models.result_title import ResultKind, ResultTitle
from models.sale import Sale, SaleItem
from models.sms.template import SmsCategory, SmsTemplate
from models.task import Task
from models.tenancy.scope import actor_of
from models.transaction import PaymentMethod, Transaction
from tests.support.canaries import canary

PASSWORD = "correct horse 12"
# A hash of the product takes 60 ms by intent; `tests/gateways/test_password_hash.py` holds its parameters.
CHEAP_METHOD = "scrypt:1024:8:1"
PASSWORD_HASH = generate_password_hash(PASSWORD, CHEAP_METHOD)


# FAB stores the last login without its time zone.
LOGGED_IN = datetime(2026, 1, 1)  # noqa: DTZ001


def organization_with(slug: str, **products: str) -> Organization:
    """A founded organisation, with its result titles and sources; `P101="…"` adds a product."""
    titles = dict(products.items()) or {"P101": "دوره حسابداری"}
    founded = create_organization(slug, f"سازمان {slug}", titles)
    # No test depends on the day on which it runs.
    founded.holidays = {}
    db.session.flush()
    return founded


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


class DossierFactory(Factory):
    class Meta:
        model = Dossier

    legal_name = factory.LazyFunction(lambda: f"شرکت {_word()}")


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


class TaskFactory(Factory):
    """A task; its owner is whoever the session acts for unless named."""

    class Meta:
        model = Task

    title = factory.Sequence(lambda number: f"کار {number}")
    description = factory.LazyAttribute(lambda task: _word(task.owner_id))
    owner_id = factory.LazyFunction(lambda: actor_of(db.session()).member_id)


class SaleFactory(Factory):
    """A confirmed sale of one item, or of *items* (product, quantity); the consultant is the acting member unless named."""

    class Meta:
        model = Sale

    order = factory.SubFactory(OrderFactory, status=OrderStatus.WON)
    customer = factory.SelfAttribute("order.customer")
    consultant_id = factory.LazyFunction(lambda: actor_of(db.session()).member_id)
    amount = 1_000_000

    @factory.post_generation
    def items(self, create, extracted, **_kwargs):
        for product, quantity in extracted or ():
            db.session.add(SaleItem(sale=self, product=product, quantity=quantity, amount=self.amount))

    @factory.post_generation
    def item(self, create, extracted, **fields):
        if not self.items:
            amount = self.amount + (self.discount or 0)
            db.session.add(SaleItem(sale=self, product=self.order.product, amount=amount, **fields))
        db.session.flush()


class TransactionFactory(Factory):
    class Meta:
        model = Transaction

    sale = factory.SubFactory(SaleFactory)
    method = PaymentMethod.CARD
    amount = 400_000


class SmsTemplateFactory(Factory):
    class Meta:
        model = SmsTemplate

    title = factory.Sequence(lambda number: f"پیامک {number}")
    body = "سلام {نام}"
    category = SmsCategory.PATTERN
    pattern_code = "greet"
