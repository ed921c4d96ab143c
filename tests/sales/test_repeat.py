"""F07: an order repeats another unless a sale lies between the two; the plain rule in plain Python decides here."""

import random
from pathlib import Path

import pytest
from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from app.services.assignment.assign import assign
from models.order import Order, OrderStatus
from models.organization import Organization
from models.sale import SaleStatus
from models.tenancy.scope import Actor, bind, whole_organization
from tests.factories import ProductFactory
from tests.support.orders import MOBILE, living, place, sell, take_in

pytestmark = pytest.mark.usefixtures("colleagues_rows")

FIELD_CASES = Path(__file__).parents[1] / "data" / "field-cases"
ENDS_A_REPEAT = [SaleStatus.CONFIRMED, SaleStatus.PARTLY_PAID, SaleStatus.PAID, SaleStatus.DELIVERED]
ENDS_NONE = [SaleStatus.DRAFT, SaleStatus.CANCELLED, SaleStatus.REFUNDED]


@pytest.fixture
def product(manager):
    return ProductFactory(code="P-101")


class TestF07SoldAndExportedAgain:
    def test_the_same_order_in_the_next_export_is_held(self, product):
        take_in((FIELD_CASES / "F07-export-week1.csv").read_bytes())
        first = db.session.scalars(select(Order).where(Order.import_job_id.is_not(None))).one()
        first.status = OrderStatus.WON
        sell(first, day=0)

        job = take_in((FIELD_CASES / "F07-export-week2.csv").read_bytes())

        assert (job.accepted, job.repeated) == (2, 1)
        assert living() == [
            (OrderStatus.WON, False, None),
            (OrderStatus.HELD, True, first.id),
            (OrderStatus.NEW, False, None),
        ]

    def test_also_when_it_was_sold_at_that_very_moment(self, product):
        first = place(product, day=-3)
        sell(first, day=-3)

        assert place(product, day=-3).repeat_of_id == first.id

    @pytest.mark.parametrize(
        ("first", "sold", "second", "is_repeat"),
        [
            (-9, -6, -3, False),
            (-9, -1, -3, True),  # sold after both
            (-9, -10, -3, True),  # sold before both
            (-3, -6, -9, False),  # the older order arrives after the newer one
            (-3, -1, -9, True),
            (-3, -12, -9, True),
            (-9, -9, -3, False),
            (-50, -45, -3, False),
        ],
    )
    def test_only_a_sale_between_the_two_ends_a_repeat(self, product, first, sold, second, is_repeat):
        sell(place(product, day=first), day=sold)

        assert place(product, day=second).is_repeat is is_repeat

    def test_a_sale_between_that_belongs_to_someone_else_ends_nothing(self, product):
        place(product, day=-9)
        sell(place(product, day=-9, mobile="+989120000000"), day=-6)
        sell(place(ProductFactory(), day=-9), day=-6)

        assert place(product, day=-3).is_repeat

    @pytest.mark.parametrize("is_sold", [False, True])
    def test_one_that_a_colleague_works_on_counts(
        self, session, product, organization, manager, consultant, colleague, is_sold
    ):
        first = place(product, day=-9)
        assign(first, colleague, by=manager)
        if is_sold:
            sell(first, day=-6)
        bind(session, Actor(organization.id, consultant.id, own=True))

        key = place(product, day=-3).id

        with whole_organization(session):
            assert session.get_one(Order, key, populate_existing=True).is_repeat is not is_sold

    def test_a_deleted_sale_ends_nothing(self, product):
        sell(place(product, day=-9), day=-6).deleted_at = now()
        db.session.flush()

        assert place(product, day=-3).is_repeat

    @pytest.mark.parametrize("seed", range(12))
    def test_agrees_with_the_rule_as_it_is_written(self, session, product, organization, seed):
        dice = random.Random(seed)
        other = ProductFactory()
        window = dice.choice([3, 10, 30])
        session.get(Organization, organization.id).repeat_window_days = window
        orders, sales = [], []
        for _step in range(14):
            which, mobile = dice.choice([product, other]), dice.choice([MOBILE, "+989120000000"])
            day = dice.randrange(-20, 0)
            if orders and dice.random() < 0.4:
                sold, status = dice.choice(orders), dice.choice(ENDS_A_REPEAT + ENDS_NONE)
                sell(sold[0], day=day + 0.5, status=status)
                if status in ENDS_A_REPEAT:
                    sales.append((sold[1], sold[2], day + 0.5))
                continue
            if orders and dice.random() < 0.1:
                gone = orders.pop(dice.randrange(len(orders)))
                gone[0].deleted_at = now()
                session.flush()
                continue
            expected = any(
                (mobile, which.id) == (whose, what)
                and abs(day - when) <= window
                and not any(
                    (whose, what) == (buyer, bought) and min(day, when) < sold_on < max(day, when)
                    for buyer, bought, sold_on in sales
                )
                for _order, whose, what, when in orders
            )
            order = place(which, day=day, mobile=mobile)
            assert order.is_repeat is expected
            orders.append((order, mobile, which.id, day))
