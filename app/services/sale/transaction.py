"""Transactions of a sale: added as pending, then verified or rejected, and paid back as a whole."""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import timedelta

from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.lib.persian import is_blank
from app.services.audit.record import record
from app.services.sale.moves import lock_sale, settle, stamp
from app.services.sale.payment_checks import TransactionRefused, ask_again, refuse_incomplete
from models.sale import STANDING, Sale
from models.tenancy.scope import actor_of
from models.transaction import Transaction, TransactionStatus

# How long the member who verified may take it back.
UNDO_FOR = timedelta(minutes=10)


def add_transaction(transaction: Transaction, words: Callable[[int], str], *, sure: Container[str]) -> None:
    """Add a pending transaction of a standing sale.

    *words* says an amount; *sure* has the codes of doubts that the member has seen. Raises `DomainError`, and `Unsure`
    for a reference that exists already and for more money than the sale asks for.
    """
    sale = lock_sale(transaction.sale.id)
    if sale.status not in STANDING:
        raise DomainError(
            _("This sale takes no payment: it is not confirmed, or it is closed."), field="sale"
        )
    refuse_incomplete(transaction)
    ask_again(sale, transaction, words, sure)
    transaction.sale = sale
    transaction.status = TransactionStatus.PENDING
    db.session.add(transaction)
    db.session.flush()


def change_transaction(
    transaction: Transaction, words: Callable[[int], str], *, sure: Container[str]
) -> None:
    """Check a pending transaction whose values have been changed. Raises as `add_transaction`."""
    if transaction.status is not TransactionStatus.PENDING:
        raise TransactionRefused(_("Only a payment that waits for its verification can be changed."))
    refuse_incomplete(transaction)
    ask_again(lock_sale(transaction.sale.id), transaction, words, sure)


def verify(transaction: Transaction) -> int:
    """Verify a pending transaction; returns by how much its sale is overpaid now. Raises `TransactionRefused`."""
    sale = _decide(transaction, TransactionStatus.PENDING, TransactionStatus.VERIFIED)
    over = settle(sale)
    record("verify", transaction)
    return over


def reject(transaction: Transaction, reason: str | None) -> None:
    """Reject a pending transaction. Raises `TransactionRefused`."""
    _decide(transaction, TransactionStatus.PENDING, TransactionStatus.REJECTED, _given(reason))
    record("reject", transaction)


def pay_back(transaction: Transaction, reason: str | None) -> None:
    """Pay back a verified transaction as a whole; its sale stays open. Raises `TransactionRefused`."""
    sale = _decide(transaction, TransactionStatus.VERIFIED, TransactionStatus.REFUNDED, _given(reason))
    settle(sale)
    record("pay_back", transaction)


def take_back_verification(transaction: Transaction) -> None:
    """Let a verified transaction wait again, within ten minutes and by whom it was verified."""
    sale, mine = _lock(transaction), actor_of(db.session()).member_id
    is_fresh = transaction.decided_at is not None and transaction.decided_at > now() - UNDO_FOR
    is_mine = transaction.status is TransactionStatus.VERIFIED and transaction.decided_by_id == mine
    if not (is_fresh and is_mine and sale.status in STANDING):
        raise TransactionRefused(_("This verification can't be taken back any more."))
    stamp(transaction, TransactionStatus.PENDING)
    db.session.flush()
    settle(sale)
    record("undo_verification", transaction)


def _given(reason: str | None) -> str:
    if is_blank(reason or ""):
        raise DomainError(_("Write the reason."), field="reason")
    return str(reason)


def _lock(transaction: Transaction) -> Sale:
    """The sale of *transaction*, both in their present state and locked."""
    # Lock order: sale, then transaction (avoids deadlocks).
    sale = lock_sale(transaction.sale_id)
    db.session.refresh(transaction, with_for_update={"of": Transaction})
    return sale


def _decide(
    transaction: Transaction, before: TransactionStatus, after: TransactionStatus, reason: str | None = None
) -> Sale:
    sale = _lock(transaction)
    if transaction.status is not before:
        raise TransactionRefused(_("This payment is «%(status)s» already."), status=str(transaction.status))
    if sale.status not in STANDING:
        raise TransactionRefused(_("This sale takes no payment: it is not confirmed, or it is closed."))
    stamp(transaction, after, reason)
    db.session.flush()
    return sale
