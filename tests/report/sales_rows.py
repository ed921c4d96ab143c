"""Numbers, held repeats and sales of two consultants with everything that later changed them, for the final sales report."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from app.lib.clock import start_at
from app.panel.records.delete import soft_delete
from app.services.assignment.assign import assign
from app.services.assignment.reassign import reassign
from app.services.order.place import place_order
from app.services.sale.confirm import SaleDetails, Sold, confirm_sale
from models.member import Member
from models.order import Order
from models.order_source import OrderSource
from models.organization import RepeatPolicy
from models.sale import Sale, SaleStatus
from models.tenancy.scope import Actor, acting_as
from tests.factories import OrderFactory, ProductFactory, SaleFactory, member
from tests.report.test_figures import DAY, TODAY
from tests.sales.merge_steps import merged

WEEK = 7 * DAY
# When the last row is written.
LATEST = TODAY.whole.start + timedelta(hours=9) + 10 * WEEK


@dataclass
class Sales:
    """The rows that single tests ask for."""

    cancelled: Sale
    refunded: Sale
    draft: Sale
    trashed: Sale
    of_deleted_order: Sale
    held: Order
    given_away: Order
    later: Sale


def sales_of(session, organization, manager, consultant, colleague):
    """Rows from the day of TODAY over six weeks, then time passes."""
    organization.repeat_policy, organization.sale_ends_repeat = RepeatPolicy.HOLD, False
    products, source = [ProductFactory(), ProductFactory()], session.scalars(select(OrderSource)).first()
    start = TODAY.whole.start + timedelta(hours=9)
    rows, sales = [], []
    for place in range(12):
        start_at(start + DAY * (3 * place))
        order = OrderFactory(product=products[place % 2], source=source if place % 3 else None)
        rows.append(assign(order, (consultant, colleague)[place % 2], by=manager))
        if place < 8:
            price = 10_000_000 * (place + 1)
            sales.append(confirm_sale(rows[-1], SaleDetails([Sold(order.product, price)])))
    states = {1: SaleStatus.CANCELLED, 2: SaleStatus.REFUNDED, 3: SaleStatus.DRAFT}
    for place, status in states.items():
        sales[place].status = status
    # The customer of the first number again: five weeks later, and with the colleague.
    start_at(start + 5 * WEEK)
    for person in (consultant, colleague):
        again = OrderFactory(customer=rows[0].customer, product=products[1], source=source)
        assign(again, person, by=manager)
    start_at(start + 6 * WEEK - DAY)
    repeat = place_order(customer_fields={"mobile": rows[10].customer.mobile}, product=rows[10].product)
    SaleFactory(consultant_id=consultant.id, amount=770)  # without a number
    session.flush()
    reassign(rows[8], colleague, by=manager)
    merged(rows[4].customer, rows[6].customer)
    soft_delete(Order, [rows[5].order_id])
    soft_delete(Sale, [sales[7].id])
    start_at(LATEST)
    later = SaleFactory(order=rows[9].order, consultant_id=colleague.id, amount=990)
    session.flush()
    return Sales(*sales[1:4], sales[7], sales[5], repeat, rows[8].order, later)


def sales_of_a_stranger(session, stranger_organization):
    """A number and a sale of another organisation on the day of TODAY; returns its consultant and the sale."""
    start_at(TODAY.whole.start + timedelta(hours=9))
    stranger_id = member("Consultant", stranger_organization, "stranger of reports").id
    with acting_as(session, Actor(stranger_organization.id, stranger_id)):
        them = session.get_one(Member, stranger_id)
        assign(OrderFactory(product=ProductFactory()), them, by=None)
        sale_id = SaleFactory(consultant_id=stranger_id).id
    return stranger_id, sale_id
