"""Managers who decide on one payment, sell one order and change one sale at once, and eight who issue invoices."""

from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select

from models.follow_up import FollowUp, FollowUpStatus
from models.number_series import NumberSeries
from models.order import Order, OrderStatus
from models.result_title import ResultKind
from models.sale import Sale, SaleStatus
from models.transaction import Transaction, TransactionStatus
from tests.factories import (
    FollowUpFactory,
    OrderFactory,
    ResultTitleFactory,
    SaleFactory,
    TransactionFactory,
)
from tests.support.racing import at_once

pytestmark = pytest.mark.postgresql

ROUNDS, DESKS = 10, 8
RUN = {"_step": "run"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def managers(arena):
    """Two managers, logged in."""
    for name in ("nasrin", "parviz"):
        arena.member("Manager", name)
    return [arena.browser("nasrin"), arena.browser("parviz")]


@pytest.fixture
def consultant(arena) -> int:
    return arena.member("Consultant", "sara")


def test_a_payment_that_two_managers_verify_counts_once(arena, managers, consultant):
    for _ in range(ROUNDS):
        with arena.actor():
            sale = SaleFactory(amount=1_000, consultant_id=consultant)
            key, sale_id = TransactionFactory(sale=sale, amount=600).id, sale.id

        url = f"/transactions/action/verify/{key}"
        answers = at_once(*(partial(each.post, url, data=RUN, headers=HTMX) for each in managers))

        levels = sorted("danger" in answer.headers["HX-Trigger"] for answer in answers)
        [sale_row] = arena.all(select(Sale.paid, Sale.balance, Sale.status).where(Sale.id == sale_id))
        assert levels == [False, True]
        assert tuple(sale_row) == (600, 400, SaleStatus.PARTLY_PAID)


def test_a_payment_is_either_verified_or_rejected(arena, managers, consultant):
    for _ in range(ROUNDS):
        with arena.actor():
            sale = SaleFactory(amount=1_000, consultant_id=consultant)
            key, sale_id = TransactionFactory(sale=sale, amount=600).id, sale.id

        first, second = managers
        reason = {**RUN, "reason": "رسید خوانا نیست"}
        at_once(
            partial(first.post, f"/transactions/action/verify/{key}", data=RUN, headers=HTMX),
            partial(second.post, f"/transactions/action/reject/{key}", data=reason, headers=HTMX),
        )

        [row] = arena.all(select(Transaction.status, Transaction.reason).where(Transaction.id == key))
        [(paid,)] = arena.all(select(Sale.paid).where(Sale.id == sale_id))
        assert (row.status, paid) in {(TransactionStatus.VERIFIED, 600), (TransactionStatus.REJECTED, 0)}
        assert (row.reason is None) is (row.status is TransactionStatus.VERIFIED)


def test_two_payments_of_one_sale_are_both_counted(arena, managers, consultant):
    for _ in range(ROUNDS):
        with arena.actor():
            sale = SaleFactory(amount=1_000, consultant_id=consultant)
            keys, sale_id = [TransactionFactory(sale=sale, amount=500).id for _ in managers], sale.id

        at_once(
            *(
                partial(each.post, f"/transactions/action/verify/{key}", data=RUN, headers=HTMX)
                for each, key in zip(managers, keys, strict=True)
            )
        )

        [row] = arena.all(select(Sale.paid, Sale.status).where(Sale.id == sale_id))
        assert tuple(row) == (1_000, SaleStatus.PAID)


def test_a_sale_is_not_cancelled_with_money_that_is_verified_meanwhile(arena, managers, consultant):
    for _ in range(ROUNDS):
        with arena.actor():
            sale = SaleFactory(amount=1_000, consultant_id=consultant)
            key, sale_id = TransactionFactory(sale=sale, amount=600).id, sale.id

        first, second = managers
        at_once(
            partial(first.post, f"/transactions/action/verify/{key}", data=RUN, headers=HTMX),
            partial(
                second.post,
                f"/sales/action/cancel_sale/{sale_id}",
                data={**RUN, "reason": "انصراف"},
                headers=HTMX,
            ),
        )

        [row] = arena.all(select(Sale.paid, Sale.status).where(Sale.id == sale_id))
        [(status,)] = arena.all(select(Transaction.status).where(Transaction.id == key))
        assert (row.paid, row.status, status) in {
            (600, SaleStatus.PARTLY_PAID, TransactionStatus.VERIFIED),
            (0, SaleStatus.CANCELLED, TransactionStatus.REJECTED),
        }


def test_eight_desks_issue_invoices_without_a_gap_or_a_double(arena, managers, consultant):
    first = managers[0]
    with arena.actor():
        keys = [SaleFactory(consultant_id=consultant).id for _ in range(DESKS * 4)]
        draft = SaleFactory(consultant_id=consultant, status=SaleStatus.DRAFT).id

    def issue(part):
        client = arena.same_browser(first)
        # Each sale twice, and a refusal between: none of them may use a number up.
        for key in part:
            for wanted in (key, draft, key):
                client.post(f"/sales/{wanted}/invoice/issue")

    at_once(*(partial(issue, keys[desk::DESKS]) for desk in range(DESKS)))

    numbers = [row.invoice_number for row in arena.all(select(Sale.invoice_number).where(Sale.id.in_(keys)))]
    assert sorted(numbers) == list(range(1, len(keys) + 1))
    assert arena.all(select(NumberSeries.last)) == [(len(keys),)]


def test_a_sale_by_hand_and_a_result_of_one_follow_up_both_count(arena, managers, consultant):
    """Both lock the follow-up, then its order; the result closes it or the sale does, and no lock is crossed."""
    for _ in range(ROUNDS):
        with arena.actor():
            work = FollowUpFactory(consultant_id=consultant)
            won = ResultTitleFactory(kind=ResultKind.WON)
            product = str(work.product_id)
            line = {"items-0-product": product, "items-0-quantity": "1", "items-0-price": "100"}
            by_hand = {"order": str(work.order_id), "consultant": str(consultant), **line}
            result = {"result_title": str(won.id), "token": str(uuid4()), **line}
            key, order_id = work.id, work.order_id

        first, second = managers
        answers = at_once(
            partial(first.post, "/sales/add", data=by_hand),
            partial(second.post, f"/follow-ups/{key}/result", data=result, headers=HTMX),
        )

        codes = [answer.status_code for answer in answers]
        [(status,)] = arena.all(select(Order.status).where(Order.id == order_id))
        [(closed,)] = arena.all(select(FollowUp.status).where(FollowUp.id == key))
        made = len(arena.all(select(Sale.id).where(Sale.order_id == order_id)))
        # The sale by hand asks where the result was first.
        assert codes in ([302, 204], [422, 204])
        assert made == codes.count(302) + 1
        assert (status, closed) == (OrderStatus.WON, FollowUpStatus.WON)


def test_two_managers_sell_one_order_once(arena, managers, consultant):
    for _ in range(ROUNDS):
        with arena.actor():
            order = OrderFactory()
            line = {"items-0-product": str(order.product_id), "items-0-quantity": "1", "items-0-price": "100"}
            data, order_id = {"order": str(order.id), "consultant": str(consultant), **line}, order.id

        answers = at_once(*(partial(each.post, "/sales/add", data=data) for each in managers))

        assert sorted(answer.status_code for answer in answers) == [302, 422]
        assert len(arena.all(select(Sale.id).where(Sale.order_id == order_id))) == 1


def test_an_item_and_a_payment_that_change_at_once_leave_right_sums(arena, managers, consultant):
    for _ in range(ROUNDS):
        with arena.actor():
            sale = SaleFactory(amount=1_000, consultant_id=consultant)
            key, sale_id = TransactionFactory(sale=sale, amount=600).id, sale.id
            line = {"items-0-product": str(sale.order.product_id), "items-0-quantity": "2"}
            data = {"items": "", **line, "items-0-price": "50", "discount": "0"}

        first, second = managers
        at_once(
            partial(first.post, f"/sales/edit/{sale_id}", data=data),
            partial(second.post, f"/transactions/action/verify/{key}", data=RUN, headers=HTMX),
        )

        [row] = arena.all(select(Sale.amount, Sale.paid, Sale.balance, Sale.status).where(Sale.id == sale_id))
        assert row.paid == 600
        assert row.balance == row.amount - row.paid
        assert row.status is SaleStatus.PARTLY_PAID
