"""The checks of a payment before it is stored: complete, no twin, not more than expected."""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app.errors import Conflict, DomainError, Refusals, Unsure
from app.extensions import db
from app.lib.clock import now
from app.lib.persian import fold, is_blank
from models.filter_keys import key_attribute
from models.sale import Sale
from models.tenancy.scope import whole_organization
from models.transaction import PaymentMethod, Transaction, TransactionStatus

# A receipt may be dated by a clock that is ahead.
GRACE = timedelta(days=1)

LIVING = (TransactionStatus.PENDING, TransactionStatus.VERIFIED)


class TransactionRefused(Conflict):
    """A decision that the present state of the transaction does not allow."""


def refuse_incomplete(transaction: Transaction) -> None:
    """Raise `Refusals` where a value is missing or impossible."""
    wrong = []
    if not transaction.amount or transaction.amount <= 0:
        wrong.append(DomainError(_("Write the amount of the payment."), field="amount"))
    if transaction.at > now() + GRACE:
        wrong.append(DomainError(_("The payment can't lie in the future."), field="at"))
    if transaction.method is PaymentMethod.CHEQUE:
        values = {"reference": transaction.reference, "bank": transaction.bank}
        missing = [name for name, value in values.items() if is_blank(value or "")]
        missing += [] if transaction.due_on else ["due_on"]
        wrong += [DomainError(_("A cheque needs this."), field=name) for name in missing]
    if wrong:
        raise Refusals(*wrong)


def ask_again(
    sale: Sale, transaction: Transaction, words: Callable[[int], str], sure: Container[str]
) -> None:
    """Raise `Unsure` for what is possible and unusual, and not confirmed yet."""
    doubts = []
    if (twin := _twin_of(transaction)) is not None:
        text = _("This tracking number is registered already, for %(sale)s. Is it another payment?")
        doubts.append(Unsure(text, code=f"reference {twin.id}", field="reference", sale=str(twin.sale)))
    over = _expected(sale, transaction) + transaction.amount - sale.amount
    if over > 0:
        text = _("With this payment %(amount)s more than the sale would be paid. Is that right?")
        doubts.append(Unsure(text, code=f"overpaid {over}", field="amount", amount=words(over)))
    open_doubts = [each for each in doubts if each.code not in sure]
    if open_doubts:
        raise Refusals(*open_doubts)


def _twin_of(transaction: Transaction) -> Transaction | None:
    """Another transaction of the organisation with the same method and reference, in digits of any script."""
    if is_blank(transaction.reference or ""):
        return None
    transaction.reference = str(transaction.reference).strip()
    with whole_organization(db.session()), db.session.no_autoflush:
        statement = select(Transaction).where(
            Transaction.method == transaction.method,
            key_attribute(Transaction.reference) == fold(transaction.reference),
            Transaction.status.in_(LIVING),
        )
        others = statement if transaction.id is None else statement.where(Transaction.id != transaction.id)
        return db.session.scalar(others.order_by(Transaction.id).limit(1))


def _expected(sale: Sale, transaction: Transaction) -> int:
    """What the other verified and pending transactions of *sale* bring."""
    with whole_organization(db.session()), db.session.no_autoflush:
        statement = select(func.coalesce(func.sum(Transaction.amount), 0)).where(
            Transaction.sale_id == sale.id, Transaction.status.in_(LIVING)
        )
        others = statement if transaction.id is None else statement.where(Transaction.id != transaction.id)
        return int(db.session.scalar(others) or 0)
