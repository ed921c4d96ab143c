"""Placing orders: repeats decided once, for everybody and under load."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.lib.clock import now
from app.services.assignment.assign import assign
from app.services.order.new_order import NewOrder
from app.services.order.place import place_order, place_orders
from models.assignment import Assignment, AssignmentMethod
from models.customer import Customer
from models.follow_up import FollowUp
from models.order import Order, OrderStatus, RepeatReason
from models.organization import Organization, RepeatPolicy
from models.product import Product
from models.sale import Sale, SaleItem, SaleStatus
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import CustomerFactory, OrderFactory, ProductFactory, organization_with
from tests.sales.order_steps import MOBILE, place

pytestmark = pytest.mark.usefixtures("colleagues_rows")


def sell(
    order: Order, *, days_ago: float, product: Product | None = None, status=SaleStatus.CONFIRMED
) -> Sale:
    sale = Sale(
        order=order,
        customer_id=order.customer_id,
        consultant_id=order.created_by_id,
        amount=1,
        sold_at=now() - timedelta(days=days_ago),
        status=status,
    )
    db.session.add(sale)
    db.session.flush()
    db.session.add(SaleItem(sale=sale, product_id=(product or order.product).id, amount=1))
    db.session.flush()
    return sale


class TestTheRepeat:
    def test_of_the_same_product_is_held(self, product):
        first = place(product, days_ago=3)

        second = place(product)

        assert (first.status, first.is_repeat) == (OrderStatus.NEW, False)
        assert (second.status, second.is_repeat, second.repeat_of_id) == (OrderStatus.HELD, True, first.id)
        assert second.repeat_reason is RepeatReason.WITHIN_WINDOW

    def test_of_another_product_is_none(self, product):
        place(product)

        assert not place(ProductFactory()).is_repeat

    @pytest.mark.parametrize(
        ("days_ago", "is_repeat"), [(29.9, True), (30.1, False), (-29.9, True), (-30.1, False)]
    )
    def test_is_bound_to_the_window_in_both_directions(self, product, days_ago, is_repeat):
        place(product, days_ago=days_ago)

        assert place(product).is_repeat is is_repeat

    def test_follows_the_organisations_window(self, product, organization):
        db.session.get(Organization, organization.id).repeat_window_days = 2
        place(product, days_ago=3)

        assert not place(product).is_repeat

    def test_of_a_deleted_order_is_none(self, product):
        place(product, days_ago=1).deleted_at = now()
        db.session.flush()

        assert not place(product).is_repeat

    def test_names_the_original_rather_than_another_repeat(self, product):
        first = place(product, days_ago=5)
        place(product, days_ago=1)

        assert place(product).repeat_of_id == first.id

    def test_after_a_sale_is_a_purchase_of_its_own(self, product):
        sell(place(product, days_ago=5), days_ago=2)

        assert not place(product).is_repeat

    def test_after_a_sale_is_a_repeat_where_the_organisation_says_so(self, product, organization):
        db.session.get(Organization, organization.id).sale_ends_repeat = False
        sell(place(product, days_ago=5), days_ago=2)

        assert place(product).is_repeat

    @pytest.mark.parametrize("status", [SaleStatus.CANCELLED, SaleStatus.REFUNDED, SaleStatus.DRAFT])
    def test_after_a_sale_that_is_none_stays_a_repeat(self, product, status):
        sell(place(product, days_ago=5), days_ago=2, status=status)

        assert place(product).is_repeat

    def test_of_an_order_that_became_a_sale_of_something_else_is_none(self, product):
        sell(place(product, days_ago=5), days_ago=2, product=ProductFactory())

        assert not place(product).is_repeat

    def test_after_the_sale_of_another_product_stays_a_repeat(self, product):
        place(product, days_ago=5)
        other = ProductFactory()
        sell(place(other, days_ago=5), days_ago=2)

        assert place(product).is_repeat

    def test_at_the_very_moment_of_the_other_and_of_a_sale_is_one(self, product):
        at = now() - timedelta(days=1)
        first, second = (
            place_order(customer_fields={"mobile": MOBILE}, product=product, ordered_at=at) for _ in range(2)
        )
        sale = sell(first, days_ago=1)
        sale.sold_at = at
        db.session.flush()
        # The same moment, as another object.
        again = datetime.fromtimestamp(at.timestamp(), UTC)

        third = place_order(customer_fields={"mobile": MOBILE}, product=product, ordered_at=again)

        assert (second.repeat_of_id, third.repeat_of_id) == (first.id, first.id)

    def test_of_an_order_placed_after_the_sale_is_one_again(self, product):
        sell(place(product, days_ago=5), days_ago=4)
        again = place(product, days_ago=2)

        assert place(product).repeat_of_id == again.id

    def test_is_seen_through_others_rows(self, session, product, organization, consultant):
        place(product)
        bind(session, Actor(organization.id, consultant.id, own=True))

        assert place(product).is_repeat

    def test_is_decided_in_the_order_of_the_batch(self, product):
        orders = [NewOrder({"mobile": MOBILE}, product.id, now()) for _ in range(3)]

        placed = place_orders(orders)

        first, *others = (db.session.get_one(Order, order.id) for order in placed.orders)
        assert (placed.new_customers, placed.repeated) == (1, 2)
        assert not first.is_repeat
        assert {order.repeat_of_id for order in others} == {first.id}


class TestThePolicy:
    @pytest.fixture
    def policy(self, product, organization):
        def choose(policy: RepeatPolicy) -> None:
            db.session.get(Organization, organization.id).repeat_policy = policy
            db.session.flush()

        return choose

    def test_attach_adds_to_the_open_follow_up(self, product, policy, manager, consultant):
        policy(RepeatPolicy.ATTACH)
        before = set(db.session.scalars(select(FollowUp.id)))
        follow_up = assign(place(product, days_ago=1), consultant, by=manager)

        repeat = place(product)

        assert (repeat.status, repeat.is_repeat) == (OrderStatus.ATTACHED, True)
        assert set(db.session.scalars(select(FollowUp.id))) == before | {follow_up.id}

    def test_attach_waits_in_the_tray_without_one(self, product, policy):
        policy(RepeatPolicy.ATTACH)
        place(product, days_ago=1)

        assert place(product).status is OrderStatus.NEW

    def test_sticky_goes_back_to_the_same_consultant(self, product, policy, manager, consultant, colleague):
        policy(RepeatPolicy.STICKY)
        assign(place(product, days_ago=1), colleague, by=manager)

        repeat = place(product)

        ledger = db.session.scalars(select(Assignment).where(Assignment.order_id == repeat.id)).one()
        assert (ledger.to_member_id, ledger.method) == (colleague.id, AssignmentMethod.STICKY)
        assert repeat.status is OrderStatus.ASSIGNED

    def test_sticky_waits_for_one_who_is_away(self, product, policy, manager, colleague):
        policy(RepeatPolicy.STICKY)
        assign(place(product, days_ago=1), colleague, by=manager)
        colleague.accepts_orders = False
        db.session.flush()

        assert place(product).status is OrderStatus.NEW

    def test_sticky_waits_for_one_who_has_no_room_today(
        self, product, policy, manager, consultant, colleague
    ):
        policy(RepeatPolicy.STICKY)
        other = ProductFactory()
        for each, person in ((product, colleague), (other, consultant)):
            assign(place(each, days_ago=1), person, by=manager)
        colleague.daily_capacity, consultant.daily_capacity = 2, 4
        db.session.flush()

        given = [place(product).status, place(product).status, place(other).status]

        assert given == [OrderStatus.ASSIGNED, OrderStatus.NEW, OrderStatus.ASSIGNED]


@pytest.mark.postgresql
def test_a_batch_takes_the_same_statements_whatever_its_size(product, statements):
    counts = []
    for size in (10, 200):
        orders = [
            NewOrder({"mobile": f"+98912{size:03d}{number:04d}"}, product.id, now()) for number in range(size)
        ]
        statements.clear()
        place_orders(orders)
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 8


@pytest.mark.postgresql
def test_eight_at_once_make_one_customer_and_one_first_order(app, committed):
    session = committed
    organization = organization_with("race")
    organization_id = organization.id
    session.commit()
    start = Barrier(8)

    def run() -> None:
        with app.app_context():
            bind(db.session(), Actor(organization_id))
            product = db.session.scalars(select(Product)).one()
            start.wait()
            place_order(customer_fields={"mobile": MOBILE}, product=product)
            db.session.commit()
            db.session.remove()

    threads = [Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with acting_as(session, Actor(organization_id)):
        repeats = session.scalars(select(Order.is_repeat).order_by(Order.id)).all()
        customers = session.scalar(select(func.count(Customer.id)))
    session.rollback()
    assert sorted(repeats) == [False] + [True] * 7
    assert customers == 1


def test_the_factory_agrees_with_the_rule(product):
    """Orders that other tests make by hand are seen as earlier ones."""
    OrderFactory(product=product, customer=CustomerFactory(mobile=MOBILE))

    assert place(product).is_repeat
