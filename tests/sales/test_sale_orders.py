"""The order of a sale by hand: it is won with the sale, it is the customer's, and the repeat rule sees it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.lib.clock import now
from app.lib.jalali import format_datetime
from app.services.order.place import place_order
from models.follow_up import FollowUpStatus
from models.order import OrderStatus
from models.organization import RepeatPolicy
from models.sale import SaleStatus
from models.tenancy.scope import Actor, bind
from tests.factories import FollowUpFactory, OrderFactory, SaleFactory
from tests.sales.by_hand import sales
from tests.sales.sale_steps import RUN
from tests.support.pages import untouched


class TestAnOrder:
    @pytest.fixture
    def order(self, session, buyer, course):
        row = OrderFactory(customer=buyer, product=course, quantity=3)
        session.commit()
        return row

    def test_is_won_with_its_open_follow_up(self, session, add_sale, order, consultant):
        work = FollowUpFactory(order=order, consultant_id=consultant.id, next_at=now())
        other = FollowUpFactory(consultant_id=consultant.id)
        session.commit()

        add_sale(order=order.id)

        [sale] = sales(session)
        assert (sale.order_id, order.status) == (order.id, OrderStatus.WON)
        assert (work.status, work.next_at) == (FollowUpStatus.WON, None)
        assert work.closed_at is not None
        assert other.status is FollowUpStatus.OPEN

    def test_says_whose_sale_it_is(self, session, add_sale, order):
        add_sale(order=order.id, customer="")

        assert sales(session)[0].customer_id == order.customer_id

    @pytest.mark.parametrize("whose", ["another customer", "a stranger", "deleted"])
    def test_must_be_one_of_the_customer(
        self, stranger_organization, session, add_sale, order, whose, manager
    ):
        if whose == "another customer":
            other = OrderFactory()
        elif whose == "deleted":
            order.deleted_at, order.delete_batch = now(), uuid4()
            other = order
        else:
            bind(session, Actor(stranger_organization.id))
            other = OrderFactory()
        key = other.id
        session.commit()
        bind(session, Actor(manager.organization_id, manager.id))

        answer = add_sale(order=key)

        assert (answer.status_code, 'id="order-error"' in answer.text) == (422, True)
        assert sales(session) == []

    def test_that_is_sold_already_is_asked_about_once(self, session, add_sale, order):
        SaleFactory(order=order, status=SaleStatus.CANCELLED)
        session.commit()
        add_sale(order=order.id)

        asked = add_sale(order=order.id)
        assert (asked.status_code, len(sales(session))) == (422, 2)
        assert "پیش‌تر فروش داشته است" in asked.text
        assert "ذخیره با این حال" in asked.text

        assert add_sale(order=order.id, **untouched(asked.text)).status_code == 302
        assert len(sales(session)) == 3

    def test_of_a_draft_is_won_when_the_draft_is_confirmed(self, session, client, add_sale, order):
        add_sale(order=order.id, status="draft")
        [sale] = sales(session)
        assert (sale.status, order.status) == (SaleStatus.DRAFT, OrderStatus.NEW)

        client.post(f"/sales/action/confirm_sale/{sale.id}", data=RUN)

        session.expire_all()
        assert (sale.status, order.status) == (SaleStatus.CONFIRMED, OrderStatus.WON)

    def test_fills_the_form_from_its_page(self, session, client, order, consultant):
        FollowUpFactory(order=order, consultant_id=consultant.id)
        session.commit()

        assert f"/sales/add?order={order.id}" in client.get(f"/orders/show/{order.id}").text
        page = client.get(f"/sales/add?order={order.id}").text
        for value in (order.id, order.customer_id, order.product_id, consultant.id):
            assert f'value="{value}" selected' in page
        assert client.get("/sales/add?order=999999").status_code == 200

    def test_is_found_by_the_customer_with_few_statements(self, session, client, order, statements):
        for _number in range(5):
            OrderFactory(customer=order.customer)
        OrderFactory()
        session.commit()
        client.get("/sales/lookup/order?q=09121112233")
        statements.clear()

        found = client.get("/sales/lookup/order?q=09121112233").json

        assert len(found) == 6
        assert found[-1]["value"] == str(order.id)
        assert len(statements) <= 4


class TestTheRepeatRule:
    def test_sees_the_purchase_between_two_orders(self, session, add_sale, buyer, course, manager):
        first = place_order(
            customer_fields={"mobile": buyer.mobile}, product=course, ordered_at=now() - timedelta(days=3)
        )
        session.commit()

        add_sale(sold_at=format_datetime(now() - timedelta(days=1)))
        bind(session, Actor(manager.organization_id, manager.id))
        later = place_order(customer_fields={"mobile": buyer.mobile}, product=course)

        assert (first.is_repeat, sales(session)[0].order.is_repeat, later.is_repeat) == (False, False, False)

    def test_takes_no_draft_for_a_purchase(self, session, add_sale, buyer, course, manager, organization):
        organization.repeat_policy = RepeatPolicy.HOLD
        session.commit()

        add_sale(status="draft", sold_at=format_datetime(now() - timedelta(days=1)))
        bind(session, Actor(manager.organization_id, manager.id))
        later = place_order(customer_fields={"mobile": buyer.mobile}, product=course)

        assert (later.is_repeat, later.status) == (True, OrderStatus.HELD)
