"""Transactions of a sale: what is refused, what is asked, and what a decision does."""

from datetime import timedelta

import pytest

from app.errors import Conflict, DomainError, Refusals, Unsure
from app.lib.clock import now
from app.services.sale.transaction import (
    add_transaction,
    change_transaction,
    pay_back,
    reject,
    take_back_verification,
    verify,
)
from models.sale import SaleStatus
from models.tenancy.scope import Actor, acting_as
from models.transaction import PaymentMethod, Transaction, TransactionStatus
from tests.factories import SaleFactory, TransactionFactory, member

PENDING, VERIFIED, REJECTED, PAID_BACK = TransactionStatus


def add(sale, *, sure=(), **fields):
    values = {"method": PaymentMethod.CARD, "amount": 100, "at": now(), **fields}
    row = Transaction(sale=sale, **values)
    add_transaction(row, str, sure=sure)
    return row


def doubts(error):
    return {each.field: each.code for each in error.value.parts if isinstance(each, Unsure)}


@pytest.fixture
def sale(session, manager):
    return SaleFactory(amount=1_000)


@pytest.mark.parametrize("status", [SaleStatus.DRAFT, SaleStatus.CANCELLED, SaleStatus.REFUNDED])
def test_only_a_standing_sale_takes_payments(session, manager, status):
    with pytest.raises(DomainError) as refused:
        add(SaleFactory(status=status))
    assert refused.value.field == "sale"


@pytest.mark.parametrize("amount", [0, -5, None])
def test_the_amount_is_positive(sale, amount):
    with pytest.raises(DomainError) as refused:
        add(sale, amount=amount)
    assert [each.field for each in refused.value.parts] == ["amount"]


def test_a_payment_does_not_lie_in_the_future(sale):
    with pytest.raises(Refusals) as refused:
        add(sale, at=now() + timedelta(days=2))
    assert [each.field for each in refused.value.parts] == ["at"]


def test_a_cheque_needs_its_number_its_bank_and_its_day(sale):
    with pytest.raises(Refusals) as refused:
        add(sale, method=PaymentMethod.CHEQUE)
    assert {each.field for each in refused.value.parts} == {"reference", "bank", "due_on"}

    cheque = add(sale, method=PaymentMethod.CHEQUE, reference="112034", bank="ملت", due_on=now().date())
    assert cheque.status is PENDING


def test_a_reference_that_exists_is_asked_once(session, manager, stranger_organization, sale):
    twin = TransactionFactory(sale__amount=10_000, reference="774120", amount=1)

    with pytest.raises(Refusals) as asked:
        add(sale, reference=" 774120 ")
    codes = doubts(asked)
    assert set(codes) == {"reference"}
    assert str(twin.sale.customer) in str(asked.value)

    assert add(sale, reference="774120", sure=codes.values()).status is PENDING


@pytest.mark.parametrize("typed", ["۷۷۴۱۲۰", "٧٧٤١٢٠", "774 120", "774\u200c120"])
def test_a_reference_is_the_same_however_it_is_typed(session, manager, stranger_organization, sale, typed):
    TransactionFactory(sale__amount=10_000, reference="774120", amount=1)
    TransactionFactory(sale__amount=10_000, reference="7741200", amount=1)

    with pytest.raises(Refusals) as asked:
        add(sale, reference=typed)
    assert set(doubts(asked)) == {"reference"}
    assert add(sale, reference="۷۷۴۱۲").reference == "۷۷۴۱۲"


@pytest.mark.parametrize("other", ["method", "rejected", "organisation", "number"])
def test_no_question_where_it_is_another_reference(session, manager, stranger_organization, sale, other):
    fields = {"reference": "774120", "amount": 1}
    if other == "organisation":
        with acting_as(session, Actor(stranger_organization.id)):
            stranger = member("Consultant", stranger_organization, "next door")
            TransactionFactory(sale__consultant_id=stranger.id, **fields)
    elif other == "method":
        TransactionFactory(sale=sale, method=PaymentMethod.GATEWAY, **fields)
    elif other == "rejected":
        TransactionFactory(sale=sale, status=REJECTED, **fields)
    else:
        TransactionFactory(sale=sale, **fields | {"reference": "7741"})

    assert add(sale, reference="774120").status is PENDING


def test_paying_too_much_is_asked_with_what_waits_already(sale):
    TransactionFactory(sale=sale, amount=600)
    TransactionFactory(sale=sale, amount=900, status=REJECTED)
    assert add(sale, amount=400).status is PENDING

    with pytest.raises(Refusals) as asked:
        add(sale, amount=1)
    assert doubts(asked) == {"amount": "overpaid 1"}
    # An answer to another question does not count.
    with pytest.raises(Refusals):
        add(sale, amount=2, sure=["overpaid 1"])
    assert add(sale, amount=1, sure=["overpaid 1"]).amount == 1


def test_only_a_waiting_payment_changes_and_is_not_its_own_twin(sale):
    row = TransactionFactory(sale=sale, reference="774120", amount=1_000)
    change_transaction(row, str, sure=())

    verify(row)
    with pytest.raises(Conflict):
        change_transaction(row, str, sure=())


def test_verifying_counts_once(session, manager, sale):
    row = TransactionFactory(sale=sale, amount=400)

    assert verify(row) == 0
    assert (sale.paid, sale.status, row.decided_by_id) == (400, SaleStatus.PARTLY_PAID, manager.id)
    for decide in (verify, lambda row: reject(row, "دلیل")):
        with pytest.raises(Conflict):
            decide(row)
    assert sale.paid == 400


def test_verifying_tells_what_is_overpaid(sale):
    assert verify(TransactionFactory(sale=sale, amount=1_300)) == 300
    assert (sale.status, sale.balance) == (SaleStatus.PAID, -300)


@pytest.mark.parametrize("decide", [reject, pay_back])
def test_a_refusal_needs_a_reason(sale, decide):
    row = TransactionFactory(sale=sale, status=VERIFIED if decide is pay_back else PENDING)
    with pytest.raises(DomainError) as refused:
        decide(row, " ")
    assert refused.value.field == "reason"


def test_a_payment_is_paid_back_as_a_whole_and_the_sale_stays_open(sale):
    first, second = (TransactionFactory(sale=sale, amount=each) for each in (400, 600))
    verify(first)
    verify(second)
    assert sale.status is SaleStatus.PAID

    pay_back(first, "اشتباه واریز شد")

    assert (first.status, first.reason, second.status) == (PAID_BACK, "اشتباه واریز شد", VERIFIED)
    assert (sale.paid, sale.status) == (600, SaleStatus.PARTLY_PAID)


def test_a_verification_is_taken_back_by_its_manager_within_ten_minutes(session, manager, sale):
    row = TransactionFactory(sale=sale, amount=1_000)
    verify(row)
    take_back_verification(row)
    assert (row.status, row.decided_by_id, sale.status) == (PENDING, None, SaleStatus.CONFIRMED)

    verify(row)
    row.decided_at = now() - timedelta(minutes=11)
    session.flush()
    with pytest.raises(Conflict):
        take_back_verification(row)


def test_the_verification_of_another_manager_stays(session, manager, colleague, sale):
    row = TransactionFactory(sale=sale)
    verify(row)
    row.decided_by_id = colleague.id
    session.flush()
    with pytest.raises(Conflict):
        take_back_verification(row)
    assert row.status is VERIFIED
