"""A member who was invited and has never logged in, orders to deal, and who has how many of them."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from app.extensions import db
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order
from models.organization import Organization
from tests.factories import PASSWORD, CustomerFactory, OrderFactory, ProductFactory, member
from tests.support.beside import COLLEAGUE


def invited_member(organization: Organization) -> Member:
    person = member("Consultant", organization, "new", first_name="نرگس", last_name="تازه", last_login=None)
    person.password = generate_password_hash(PASSWORD, "pbkdf2:sha256:1")
    db.session.commit()
    return person


def orders_of_one_customer(amount: int = 5) -> list[Order]:
    customer, product = CustomerFactory(), ProductFactory()
    return [OrderFactory(customer=customer, product=product) for _ in range(amount)]


def owners(session: Session) -> Counter[int]:
    """How many follow-ups each member has, by their id, without the two that `colleagues_rows` wrote."""
    colleague_id = session.scalar(select(Member.id).where(Member.username == COLLEAGUE))
    return Counter(session.scalars(select(FollowUp.consultant_id))) - Counter({colleague_id: 2})
