"""The customer of an order: one for each number, with what they lack filled in."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from app.lib.persian import fold
from app.services.order.new_order import BadMobile, NewOrder
from app.services.order.place import place_orders
from models.customer import Address
from models.product import Product
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory
from tests.sales.order_steps import MOBILE, place

pytestmark = pytest.mark.usefixtures("colleagues_rows")


class TestTheCustomer:
    def test_is_made_with_keys_that_search_and_sort_read(self, product):
        order = place(product, first_name="علي", last_name="رضا‌ئی")

        assert order.customer.search_key == fold("علی رضایی|9121234567")
        assert order.customer.sort_key

    def test_is_the_same_for_every_spelling_of_a_number(self, product):
        orders = [place(product, mobile=raw) for raw in ("09121234567", "۰۹۱۲ ۱۲۳ ۴۵۶۷", "+98 912 123 4567")]

        assert len({order.customer_id for order in orders}) == 1

    def test_gets_what_he_lacks(self, product):
        customer = CustomerFactory(mobile=MOBILE, first_name=None, last_name="", city="شیراز")

        place(product, first_name="زهرا", last_name="کریمی", city="تهران", email="z@example.ir")

        db.session.refresh(customer)
        assert (customer.name, customer.city, customer.email) == ("زهرا کریمی", "شیراز", "z@example.ir")
        assert fold("زهرا") in customer.search_key

    def test_keeps_his_name(self, product):
        customer = CustomerFactory(mobile=MOBILE, first_name=None, last_name="محمدی")

        place(product, first_name="زهرا", last_name="کریمی")

        db.session.refresh(customer)
        assert customer.name == "محمدی"

    def test_that_was_deleted_is_left_alone(self, product):
        deleted = CustomerFactory(mobile=MOBILE, deleted_at=now())

        order = place(product)

        assert order.customer_id != deleted.id

    def test_of_another_organisation_is_another(self, session, product, stranger_organization):
        with acting_as(session, Actor(stranger_organization.id)):
            foreign = CustomerFactory(mobile=MOBILE, first_name="بیگانه").id

        order = place(session.get(Product, product.id))

        assert order.customer_id != foreign
        assert order.customer.name == ""

    def test_gets_the_first_address_when_new(self, product):
        orders = [
            NewOrder({"mobile": MOBILE}, product.id, now(), address={"line": line}) for line in ("الف", "ب")
        ]
        before = db.session.scalars(select(Address.id)).all()

        place_orders(orders)

        assert db.session.scalars(select(Address.line).where(Address.id.not_in(before))).all() == ["الف"]

    def test_without_a_mobile_is_refused_at_the_field(self, product):
        with pytest.raises(BadMobile) as refusal:
            place(product, mobile="ندارد")

        assert refusal.value.field == "mobile"
