"""Follow-ups: what a result changes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.lib.clock import now
from app.services.follow_up import Result, ResultRefused, record_result
from app.services.sale.confirm import BadSale, SaleDetails, Sold
from models.follow_up import FollowUpEntry, FollowUpStatus
from models.order import OrderStatus
from models.result_title import ResultKind
from models.sale import Sale, SaleStatus
from tests.factories import FollowUpFactory, ResultTitleFactory

pytestmark = pytest.mark.usefixtures("colleagues_rows")

PDF = b"%PDF-1.4 a small one"


@pytest.fixture
def follow_up(consultant):
    return FollowUpFactory(consultant_id=consultant.id, order__product__title="دوره زبان")


def title(kind, **demands):
    return ResultTitleFactory(kind=kind, **demands)


class TestRecordResult:
    def test_a_callback_waits_for_its_time(self, session, follow_up):
        later = now() + timedelta(hours=2)

        record_result(follow_up, Result(title(ResultKind.CALLBACK), note="عصر", next_at=later))

        assert follow_up.status is FollowUpStatus.WAITING
        assert follow_up.next_at == later
        assert (follow_up.attempts, follow_up.first_contact_at) == (1, follow_up.last_entry_at)

    @pytest.mark.parametrize(
        ("kind", "status", "order_status"),
        [
            (ResultKind.LOST, FollowUpStatus.LOST, OrderStatus.LOST),
            (ResultKind.INVALID, FollowUpStatus.INVALID, OrderStatus.INVALID),
        ],
    )
    def test_a_closing_result_closes_the_order_too(self, follow_up, kind, status, order_status):
        record_result(follow_up, Result(title(kind), next_at=now() + timedelta(days=1)))

        assert (follow_up.status, follow_up.order.status) == (status, order_status)
        assert follow_up.next_at is None
        assert follow_up.closed_at is not None

    def test_a_further_result_reopens(self, follow_up):
        record_result(follow_up, Result(title(ResultKind.LOST)))

        record_result(follow_up, Result(title(ResultKind.OPEN)))

        assert follow_up.status is FollowUpStatus.OPEN
        assert follow_up.order.status is OrderStatus.ASSIGNED
        assert follow_up.closed_at is None

    @pytest.mark.parametrize(
        ("demand", "field"),
        [("requires_note", "note"), ("requires_file", "files"), ("requires_next", "next_at")],
    )
    def test_what_the_title_demands_must_be_there(self, follow_up, demand, field):
        with pytest.raises(ResultRefused) as refusal:
            record_result(follow_up, Result(title(ResultKind.OPEN, **{demand: True})))

        assert refusal.value.field == field

    @pytest.mark.parametrize("away", [timedelta(days=-1), timedelta(days=1000)])
    def test_the_next_contact_lies_ahead_and_near(self, follow_up, away):
        with pytest.raises(ResultRefused):
            record_result(follow_up, Result(title(ResultKind.OPEN), next_at=now() + away))

    def test_the_same_form_counts_once(self, session, follow_up):
        result = Result(title(ResultKind.OPEN), token=uuid4())

        assert record_result(follow_up, result) is record_result(follow_up, result)
        assert follow_up.attempts == 1

    def test_a_won_result_makes_the_sale(self, session, follow_up):
        details = SaleDetails([Sold(follow_up.product, 6_000_000, 2)], 2_000_000, {"line": "خیابان ولیعصر"})

        record_result(follow_up, Result(title(ResultKind.WON), sale=details))

        sale = session.scalars(select(Sale)).one()
        assert (sale.amount, sale.discount, sale.status) == (10_000_000, 2_000_000, SaleStatus.CONFIRMED)
        assert sale.consultant_id == follow_up.consultant_id
        assert sale.items[0].quantity == 2
        assert sale.address.is_default
        assert (follow_up.status, follow_up.order.status) == (FollowUpStatus.WON, OrderStatus.WON)

    @pytest.mark.parametrize(
        ("sold", "discount", "field"),
        [
            ([], 0, "items"),
            ([(0, 1)], 0, "items[0].price"),
            ([(10, 1), (5, 0)], 0, "items[1].quantity"),
            ([(10, 1), (10**15, 2)], 0, "items[1].price"),
            ([(10, 1), (5, 2)], 21, "discount"),
        ],
    )
    def test_numbers_that_make_no_sale_record_nothing(self, session, follow_up, sold, discount, field):
        won = title(ResultKind.WON)
        session.commit()

        items = [Sold(follow_up.product, *each) for each in sold]
        with pytest.raises(BadSale) as refused:
            record_result(follow_up, Result(won, sale=SaleDetails(items, discount)))
        assert refused.value.field == field
        session.rollback()

        assert session.scalar(select(func.count()).select_from(FollowUpEntry)) == 0
