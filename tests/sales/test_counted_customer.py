"""The customer that reports count an assignment or a sale for: set on every path, and never changed."""

import pytest
from sqlalchemy import select, update

from app.lib.clock import now
from app.services.assignment.assign import assign, assign_in_turn, assign_repeats
from app.services.assignment.hand_over import reassign_all
from app.services.assignment.reassign import reassign
from app.services.assignment.undo import undo_assignments
from app.services.bulk import insert_keyed
from app.services.order.place import place_order
from app.services.sale.confirm import SaleDetails, Sold, confirm_sale
from models.assignment import Assignment, AssignmentMethod
from models.follow_up import FollowUp
from models.organization import RepeatPolicy
from models.sale import Sale
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, ProductFactory, SaleFactory

pytestmark = pytest.mark.usefixtures("colleagues_rows")


def by_hand(**who):
    assign(OrderFactory(), who["consultant"], by=who["manager"])


def in_turn(**who):
    assign_in_turn([OrderFactory(), OrderFactory()], by=who["manager"])


def to_the_same_consultant(**who):
    follow_up = FollowUpFactory(consultant_id=who["consultant"].id)
    repeat = OrderFactory(customer=follow_up.customer, product=follow_up.product)
    assign_repeats([(repeat, follow_up.order_id)])


def by_the_policy(**who):
    who["organization"].repeat_policy = RepeatPolicy.STICKY
    follow_up = FollowUpFactory(consultant_id=who["consultant"].id)
    mobile = {"mobile": follow_up.customer.mobile}
    place_order(customer_fields=mobile, product=follow_up.product)


def again(**who):
    follow_up = FollowUpFactory(consultant_id=who["consultant"].id)
    reassign(follow_up, who["colleague"], by=who["manager"])


def many_again(**who):
    follow_up = FollowUpFactory(consultant_id=who["consultant"].id)
    reassign_all([follow_up], who["colleague"], by=who["manager"], at=now())


def and_back(**who):
    at = now()
    follow_up = FollowUpFactory(consultant_id=who["consultant"].id)
    reassign_all([follow_up], who["colleague"], by=who["manager"], at=at)
    undo_assignments(at, by=who["manager"])


def in_one_statement(**who):
    line = {"to_member_id": who["consultant"].id, "started_at": now(), "method": AssignmentMethod.IMPORT}
    orders = [OrderFactory() for _ in range(3)]
    insert_keyed(
        Assignment, [{**line, "order_id": order.id, "customer_id": order.customer_id} for order in orders]
    )


@pytest.mark.parametrize(
    "path",
    [
        by_hand,
        in_turn,
        to_the_same_consultant,
        by_the_policy,
        again,
        many_again,
        and_back,
        in_one_statement,
    ],
)
def test_every_assignment_counts_for_the_customer_of_its_order(
    session, organization, manager, consultant, colleague, path
):
    OrderFactory()  # another customer's
    path(organization=organization, manager=manager, consultant=consultant, colleague=colleague)
    session.expire_all()

    lines = session.scalars(select(Assignment)).all()
    assert lines
    assert [line.counted_customer_id for line in lines] == [line.order.customer_id for line in lines]


def test_a_line_that_names_its_order_alone_counts_for_its_customer(session, manager, consultant):
    order, _other = OrderFactory(), OrderFactory()
    line = Assignment(order_id=order.id, to_member_id=consultant.id, method=AssignmentMethod.MANUAL)
    session.add(line)
    session.flush()

    assert line.customer_id == line.counted_customer_id == order.customer_id


def test_every_sale_counts_for_its_customer(session, manager, consultant):
    follow_up = FollowUpFactory(consultant_id=consultant.id)
    confirmed = confirm_sale(follow_up, SaleDetails([Sold(ProductFactory(), 1_000)]))
    added = SaleFactory(consultant_id=consultant.id)

    assert confirmed.counted_customer_id == follow_up.customer_id
    assert added.counted_customer_id == added.order.customer_id != follow_up.customer_id


def test_it_stays_when_the_customer_of_the_row_changes(session, manager, consultant):
    before, after = CustomerFactory(), CustomerFactory()
    order = OrderFactory(customer=before)
    assign(order, consultant, by=manager)
    SaleFactory(order=order, consultant_id=consultant.id)
    for model in (Assignment, Sale, FollowUp):
        session.execute(update(model).values(customer_id=after.id))
    session.expire_all()

    for model in (Assignment, Sale):
        row = session.scalars(select(model)).one()
        assert (row.customer_id, row.counted_customer_id) == (after.id, before.id)
