"""The moves of a sale: the whole table, each state with each move, with and without verified money."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import Conflict, DomainError
from app.services.sale.moves import MOVES, MoveRefused, by_money, may_move, move, settle
from app.services.sale.transaction import pay_back, reject, verify
from models.sale import STANDING, SaleStatus
from models.transaction import TransactionStatus
from tests.factories import SaleFactory, TransactionFactory

DRAFT, CONFIRMED, PARTLY, PAID, DELIVERED, CANCELLED, REFUNDED = SaleStatus
PENDING, VERIFIED, REJECTED, PAID_BACK = TransactionStatus

# (state, whether money is verified) → the state after each move that is possible; every other move is refused.
TABLE = {
    (DRAFT, False): {"confirm_sale": CONFIRMED, "cancel_sale": CANCELLED},
    (CONFIRMED, False): {"deliver": DELIVERED, "cancel_sale": CANCELLED},
    (PARTLY, True): {"deliver": DELIVERED, "refund_sale": REFUNDED},
    (PAID, True): {"deliver": DELIVERED, "refund_sale": REFUNDED},
    (DELIVERED, False): {"take_back_delivery": CONFIRMED, "cancel_sale": CANCELLED},
    (DELIVERED, True): {"take_back_delivery": PARTLY, "refund_sale": REFUNDED},
    (CANCELLED, False): {},
    (REFUNDED, False): {},
}


def sale_in(status, *, has_money, waiting=True):
    """A sale of a million; 400,000 of it, or all of it, are verified where it has money."""
    paid = (1_000_000 if status is PAID else 400_000) if has_money else 0
    sale = SaleFactory(status=status, amount=1_000_000, paid=paid)
    if paid:
        TransactionFactory(sale=sale, amount=paid, status=VERIFIED)
    if waiting:
        TransactionFactory(sale=sale, amount=100_000, status=PENDING)
    return sale


def statuses(session, sale):
    session.expire_all()
    return sorted(
        row.status.value for row in session.query(TransactionFactory._meta.model).filter_by(sale_id=sale.id)
    )


def test_the_table_names_every_state():
    assert {status for status, _money in TABLE} == set(SaleStatus)


@pytest.mark.parametrize(
    ("state", "name"),
    list(itertools.product(TABLE, MOVES)),
    ids=lambda each: str(getattr(each, "value", each)),
)
def test_each_move_of_each_state(session, manager, state, name):
    status, has_money = state
    sale = sale_in(status, has_money=has_money)
    beside = sale_in(status, has_money=has_money)
    target = TABLE[state].get(name)

    assert may_move(sale, name) is (target is not None)
    if target is None:
        with pytest.raises(MoveRefused):
            move(sale, name, "دلیل")
        assert sale.status is status
    else:
        move(sale, name, "دلیل")
        assert sale.status is target
        assert sale.reason == ("دلیل" if MOVES[name].needs_reason else None)
    assert beside.status is status


@pytest.mark.parametrize("name", [name for name, each in MOVES.items() if each.needs_reason])
@pytest.mark.parametrize("reason", [None, "", " \u200c"])
def test_closing_needs_a_reason(session, manager, name, reason):
    sale = sale_in(CONFIRMED if name == "cancel_sale" else PAID, has_money=name == "refund_sale")

    with pytest.raises(DomainError) as refused:
        move(sale, name, reason)

    assert refused.value.field == "reason"
    assert sale.status in STANDING


def test_cancelling_rejects_what_waits(session, manager):
    sale, other = sale_in(CONFIRMED, has_money=False), sale_in(CONFIRMED, has_money=False)

    move(sale, "cancel_sale", "انصراف")

    assert statuses(session, sale) == ["rejected"]
    assert statuses(session, other) == ["pending"]


def test_paying_a_sale_back_pays_back_each_verified_payment_as_a_whole(session, manager):
    sale = sale_in(PARTLY, has_money=True)

    move(sale, "refund_sale", "مرجوع شد")

    assert statuses(session, sale) == ["refunded", "rejected"]
    assert (sale.status, sale.paid) == (REFUNDED, 0)


def test_a_closed_sale_takes_no_decision(session, manager):
    sale = sale_in(CONFIRMED, has_money=False, waiting=False)
    late = TransactionFactory(sale=sale)
    sale.status = CANCELLED
    session.flush()

    for decide in (verify, lambda row: reject(row, "دلیل")):
        with pytest.raises(Conflict):
            decide(late)
    assert late.status is PENDING


def test_money_of_other_sales_does_not_count(session, manager):
    sale, other = sale_in(CONFIRMED, has_money=False), sale_in(PAID, has_money=True)
    gone = TransactionFactory(sale=sale, amount=500_000, status=VERIFIED)
    gone.deleted_at = gone.created_at
    session.flush()

    settle(sale)

    assert (sale.paid, sale.status, other.status) == (0, CONFIRMED, PAID)


def test_a_delivered_sale_stays_delivered_and_its_balance_is_visible(session, manager):
    sale = sale_in(DELIVERED, has_money=True, waiting=False)
    rest = TransactionFactory(sale=sale, amount=600_000)

    verify(rest)

    assert (sale.status, sale.paid, sale.balance) == (DELIVERED, 1_000_000, 0)


@given(amount=st.integers(0, 10**15), paid=st.integers(0, 10**15))
def test_the_state_follows_from_the_money(amount, paid):
    expected = CONFIRMED if paid == 0 else PAID if paid >= amount else PARTLY
    assert by_money(amount, paid) is expected


ACTS = st.lists(st.tuples(st.sampled_from(["verify", "reject", "pay_back"]), st.integers(0, 4)), max_size=12)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amount=st.integers(1, 5_000), sums=st.lists(st.integers(1, 3_000), min_size=5, max_size=5), acts=ACTS)
def test_whatever_is_decided_the_sums_agree(session, manager, amount, sums, acts):
    sale = SaleFactory(amount=amount)
    rows = [TransactionFactory(sale=sale, amount=each) for each in sums]
    decide = {
        "verify": verify,
        "reject": lambda row: reject(row, "د"),
        "pay_back": lambda row: pay_back(row, "د"),
    }

    for name, number in acts:
        before = sale.paid
        try:
            over = decide[name](rows[number])
        except Conflict:
            assert sale.paid == before
            continue
        verified = sum(row.amount for row in rows if row.status is VERIFIED)
        assert sale.paid == verified
        assert sale.balance == sale.amount - verified
        assert sale.status is by_money(amount, verified)
        # More than the sale asks for is never taken in silence.
        assert name != "verify" or over == max(0, verified - amount)
