"""Payments and delivery addresses of the demo's sales, in all states."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

from sqlalchemy import select

from app.extensions import db
from app.gateways.storage import Upload
from app.lib.jalali import today
from app.services.attachment.attach import attach
from app.services.demo.draw import Draw
from app.services.demo.receipt import RECEIPT
from app.services.demo.sales.shares import PLAIN
from app.services.sale.address import add_address
from app.services.sale.moves import move
from app.services.sale.transaction import add_transaction, reject, verify
from models.organization import Organization
from models.sale import Sale
from models.tenancy.scope import Actor, acting_as
from models.transaction import PaymentMethod, Transaction

_PLAN: tuple[tuple[PaymentMethod, int, str], ...] = (
    (PaymentMethod.CASH, 20, "verify"),
    (PaymentMethod.GATEWAY, 30, "verify"),
    (PaymentMethod.CHEQUE, 25, "reject"),
    (PaymentMethod.CARD, 25, ""),
)


def pay(draw: Draw, organization: Organization, manager_id: int) -> None:
    """Add payments to the first sales, to the first one of all kinds, and mark one as delivered."""
    organization_id = organization.id
    with acting_as(db.session(), Actor(organization_id)):
        sales = db.session.execute(select(Sale.id, Sale.consultant_id).order_by(Sale.id).limit(PLAIN)).all()
    for number, (key, consultant_id) in enumerate(sales):
        added = []
        with acting_as(db.session(), Actor(organization_id, consultant_id)) as session:
            sale = session.get_one(Sale, key)
            _deliver_to(sale, number)
            for place, (method, percent, decision) in enumerate(_PLAN[: max(4 - number, 0)]):
                row = _payment(draw, sale, (method, percent), number * 10 + place)
                added.append((row.id, decision))
        with acting_as(db.session(), Actor(organization_id, manager_id)) as session:
            for row_id, decision in added:
                _decide(draw, session.get_one(Transaction, row_id), decision)
            if number == 1:
                move(session.get_one(Sale, key), "deliver")


def _payment(draw: Draw, sale: Sale, part: tuple[PaymentMethod, int], number: int) -> Transaction:
    method, percent = part
    at = draw.calendar.call(sale.sold_at, most_days=2) or draw.start
    is_cheque = method is PaymentMethod.CHEQUE
    row = Transaction(
        sale=sale,
        method=method,
        amount=sale.amount * percent // 100,
        reference=None if method is PaymentMethod.CASH else str(774_000 + number),
        bank="ملت" if is_cheque else None,
        due_on=today() + timedelta(days=30) if is_cheque else None,
        at=at,
        created_at=at,
    )
    add_transaction(row, str, sure=())
    if is_cheque:
        attach(row, [Upload("تصویر چک.pdf", BytesIO(RECEIPT))])
    return row


def _decide(draw: Draw, row: Transaction, decision: str) -> None:
    if decision == "verify":
        verify(row)
    elif decision == "reject":
        reject(row, "نام صاحب چک با مشتری یکی نیست.")
    if decision:
        row.decided_at = draw.calendar.call(row.at, most_days=1) or draw.start


def _deliver_to(sale: Sale, number: int) -> None:
    """An address, except for the last sales."""
    if number > 2:
        return
    fields = {
        "province": "فارس",
        "city": "شیراز",
        "line": "بلوار چمران، کوچهٔ ۱۲، ساختمان نسترن، واحد ۵",
        "postal_code": "7194683215",
    }
    sale.address = add_address(sale.customer_id, fields)
    db.session.flush()
