"""The moves of a sale between its states: one table, and the only code that writes `status` and `paid`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app.errors import Conflict, DomainError
from app.extensions import db
from app.lib.clock import now
from app.lib.persian import is_blank
from app.services.audit.record import record
from app.services.order.win import win_order
from models.sale import STANDING, Sale, SaleStatus
from models.tenancy.scope import actor_of, whole_organization
from models.transaction import Transaction, TransactionStatus


class MoveRefused(Conflict):
    """A move that the present state of the sale does not allow."""


def by_money(amount: int, paid: int) -> SaleStatus:
    """The state of a sale that is neither delivered nor closed."""
    if paid <= 0:
        return SaleStatus.CONFIRMED
    return SaleStatus.PAID if paid >= amount else SaleStatus.PARTLY_PAID


@dataclass(frozen=True)
class Move:
    """A move by hand: its sources, its target, whether the sale has verified money, whether it needs a reason.

    The target None is the state that follows from the money. `has_money` None means that money does not matter.
    """

    sources: tuple[SaleStatus, ...]
    target: SaleStatus | None
    refusal: LazyString
    has_money: bool | None = None
    needs_reason: bool = False
    # Whether the order of the sale is won with it.
    wins_order: bool = False


_OPEN = (SaleStatus.CONFIRMED, SaleStatus.PARTLY_PAID, SaleStatus.PAID)
# All moves by hand. Besides them, the sum of the verified transactions moves a sale among `_OPEN`.
MOVES: dict[str, Move] = {
    "confirm_sale": Move((SaleStatus.DRAFT,), None, _("Only a draft can be confirmed."), wins_order=True),
    "deliver": Move(_OPEN, SaleStatus.DELIVERED, _("Only an open sale can be delivered.")),
    "take_back_delivery": Move((SaleStatus.DELIVERED,), None, _("This sale is not delivered.")),
    "cancel_sale": Move(
        (SaleStatus.DRAFT, *STANDING),
        SaleStatus.CANCELLED,
        _("This sale is closed already."),
        has_money=False,
        needs_reason=True,
    ),
    "refund_sale": Move(
        STANDING,
        SaleStatus.REFUNDED,
        _("This sale is closed already."),
        has_money=True,
        needs_reason=True,
    ),
}
_WRONG_MONEY = {
    False: _("This sale has verified payments; pay them back instead of cancelling it."),
    True: _("This sale has no verified payment; cancel it instead."),
}


def lock_sale(key: int) -> Sale:
    """The present state of the sale, locked: acts on one sale and its transactions wait here for each other."""
    statement = select(Sale).where(Sale.id == key).with_for_update(of=Sale)
    sale: Sale | None = db.session.scalar(statement.execution_options(populate_existing=True))
    if sale is None:
        raise MoveRefused(_("This sale is not there any more."))
    return sale


def may_move(sale: Sale, name: str) -> bool:
    """Whether the state of *sale*, as far as it is loaded, allows the move."""
    return _refusal(sale, MOVES[name]) is None


def move(sale: Sale, name: str, reason: str | None = None) -> None:
    """Make the move *name* of `MOVES`; raises `MoveRefused`, or `DomainError` for a missing reason."""
    sale, chosen = lock_sale(sale.id), MOVES[name]
    refusal = _refusal(sale, chosen)
    if refusal is not None:
        raise MoveRefused(refusal)
    if chosen.needs_reason and is_blank(reason or ""):
        raise DomainError(_("Write the reason."), field="reason")
    if chosen.target in _CLOSING:
        _CLOSING[chosen.target](sale, str(reason))
    sale.status = chosen.target or by_money(sale.amount, sale.paid)
    sale.reason = reason if chosen.needs_reason else None
    db.session.flush()
    if chosen.wins_order:
        win_order(sale.order_id)
    record(name, sale)


def _refusal(sale: Sale, chosen: Move) -> LazyString | None:
    if sale.status not in chosen.sources:
        return chosen.refusal
    if chosen.has_money is not None and chosen.has_money is not (sale.paid > 0):
        return _WRONG_MONEY[chosen.has_money]
    return None


def settle(sale: Sale) -> int:
    """Bring `paid` and the state of the locked *sale* in line with its transactions; returns what is overpaid."""
    # Not limited to the acting member: what is paid is a fact of the sale.
    with whole_organization(db.session()):
        statement = select(func.coalesce(func.sum(Transaction.amount), 0)).where(
            Transaction.sale_id == sale.id, Transaction.status == TransactionStatus.VERIFIED
        )
        sale.paid = int(db.session.scalar(statement) or 0)
    if sale.status in _OPEN:
        sale.status = by_money(sale.amount, sale.paid)
    db.session.flush()
    return max(0, sale.paid - sale.amount)


def _reject_pending(sale: Sale, reason: str) -> None:
    _decide(sale, TransactionStatus.PENDING, TransactionStatus.REJECTED, reason)


def _pay_back(sale: Sale, reason: str) -> None:
    _reject_pending(sale, reason)
    _decide(sale, TransactionStatus.VERIFIED, TransactionStatus.REFUNDED, reason)
    settle(sale)


def _decide(sale: Sale, before: TransactionStatus, after: TransactionStatus, reason: str) -> None:
    rows = select(Transaction).where(Transaction.sale_id == sale.id, Transaction.status == before)
    for transaction in db.session.scalars(rows.with_for_update(of=Transaction)):
        stamp(transaction, after, reason)
    db.session.flush()


def stamp(transaction: Transaction, status: TransactionStatus, reason: str | None = None) -> None:
    """Write the decision on a transaction of a locked sale, with its time and the acting member."""
    transaction.status = status
    transaction.reason = reason
    is_decided = status is not TransactionStatus.PENDING
    transaction.decided_at = now() if is_decided else None
    transaction.decided_by_id = actor_of(db.session()).member_id if is_decided else None


# What happens to the transactions of a sale that is closed.
_CLOSING: dict[SaleStatus | None, Callable[[Sale, str], None]] = {
    SaleStatus.CANCELLED: _reject_pending,
    SaleStatus.REFUNDED: _pay_back,
}
