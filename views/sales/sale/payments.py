"""The payments of a sale on its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, and_
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.panel.access import permitted, permitted_section
from app.panel.timeline.source import EventFile
from models.attachment import Attachment
from models.sale import STANDING, Sale
from models.transaction import Transaction, TransactionStatus
from views.timelines.sales import PAYMENT_COLOURS

PAYMENTS, _TABLE = "/transactions/", Transaction.__tablename__
_VOID = (TransactionStatus.REJECTED, TransactionStatus.REFUNDED)


@dataclass(frozen=True)
class Payment:
    """A transaction on the page of its sale, with what the member may do with it."""

    row: Transaction
    colour: str
    files: Sequence[Any]
    is_void: bool
    may_decide: bool
    may_pay_back: bool

    @property
    def url(self) -> str:
        return f"{PAYMENTS}show/{self.row.id}"

    def act_url(self, name: str) -> str:
        return f"{PAYMENTS}action/{name}/{self.row.id}"


def payments_of(sale: Sale) -> Sequence[Payment]:
    """The transactions of *sale*, the newest first; none for a member who may not see them."""
    section = permitted_section("transactions", "can_list")
    if section is None:
        return []
    # Files of the rows in scope; the scope of attachments would ask for the same rows again.
    receipts = cast("Table", Attachment.__table__)
    of_payment = and_(
        receipts.c.parent_type == _TABLE,
        receipts.c.parent_id == Transaction.id,
        receipts.c.deleted_at.is_(None),
    )
    statement = (
        section.statement()
        .add_columns(receipts.c.original_name, receipts.c.uuid)
        .outerjoin(receipts, of_payment)
        .options(joinedload(Transaction.created_by), joinedload(Transaction.decided_by))
        .where(Transaction.sale_id == sale.id)
        .order_by(Transaction.at.desc(), Transaction.id.desc(), receipts.c.id)
    )
    files: dict[Transaction, list[EventFile]] = {}
    for row, name, uuid in db.session.execute(statement):
        known = files.setdefault(row, [])
        if uuid is not None:
            known.append(EventFile(name, f"{PAYMENTS}{row.id}/files/{uuid}"))
    may_verify, may_pay_back = permitted(section, "can_verify"), permitted(section, "can_pay_back")
    is_standing = sale.status in STANDING
    return [
        Payment(
            row=row,
            colour=PAYMENT_COLOURS[row.status],
            files=found,
            is_void=row.status in _VOID,
            may_decide=may_verify and is_standing and row.status is TransactionStatus.PENDING,
            may_pay_back=may_pay_back and is_standing and row.status is TransactionStatus.VERIFIED,
        )
        for row, found in files.items()
    ]
