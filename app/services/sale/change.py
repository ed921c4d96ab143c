"""Changes of a sale by hand: its items and its discount, and where it is delivered."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import inspect

from app.errors import Conflict, DomainError, Unsure
from app.extensions import db
from app.lib.digits import parse_int
from app.lib.persian import is_blank, latin_digits
from app.services.sale.address import add_address
from app.services.sale.confirm import refuse_bad_sale
from app.services.sale.moves import settle
from models.sale import STANDING, Sale, SaleStatus

EDITABLE = (SaleStatus.DRAFT, *STANDING)
ISSUED = _("The invoice of this sale is issued, so its items and its discount can't be changed any more.")
# What a paper shows of an item.
_ON_PAPER = ("product", "quantity", "price", "amount")
_DIGITS = 10


def change_sums(sale: Sale, words: Callable[[int], str], *, sure: Container[str]) -> None:
    """Bring amount, balance and state of the locked *sale* in line with its items and its discount.

    *words* says an amount; *sure* has the codes of doubts that the member has seen. Raises `Conflict` for a closed sale
    and for other items than the invoice has, `DomainError` for a bad item or discount, and `Unsure` for an amount below
    the verified payments.
    """
    if sale.status not in EDITABLE:
        raise Conflict(_("This sale is closed; it can't be changed any more."))
    before = sale.amount
    sale.discount = sale.discount or 0
    sale.total_up()
    refuse_bad_sale(sale)
    if sale.invoice_number is not None and _is_sold_otherwise(sale):
        raise Conflict(ISSUED, field="items")
    over = settle(sale)
    if over and sale.amount < before and (code := f"overpaid {over}") not in sure:
        text = _("The verified payments are %(amount)s more than this. Is that right?")
        raise Unsure(text, code=code, field="items", amount=words(over))


def _is_sold_otherwise(sale: Sale) -> bool:
    """Whether the discount, the items or their order differ from what is stored."""
    known: Any = inspect(sale).attrs
    if known["items"].history.has_changes() or known["discount"].history.has_changes():
        return True
    states: list[Any] = [inspect(item) for item in sale.items]
    places = [
        (state.committed_state.get("position", state.object.position), state.object.id) for state in states
    ]
    return places != sorted(places) or any(
        state.attrs[name].history.has_changes() for state in states for name in _ON_PAPER
    )


def deliver_to(sale: Sale, fields: Mapping[str, str | None]) -> None:
    """Give the locked *sale* a delivery address of its own; other sales keep theirs. Raises `DomainError`."""
    if sale.status not in EDITABLE:
        raise Conflict(_("This sale is closed; it can't be changed any more."))
    if sale.customer.deleted_at is not None:
        raise Conflict(_("The customer of this sale is deleted; restore them first."), field="line")
    if is_blank(fields.get("line") or ""):
        raise DomainError(_("Write the address."), field="line")
    code = latin_digits(fields.get("postal_code") or "").replace("-", "").replace(" ", "")
    if code and (len(code) != _DIGITS or parse_int(code) is None):
        raise DomainError(_("A postal code has ten digits."), field="postal_code")
    values = {**fields, "postal_code": code or None}
    if sale.address is not None and all(
        getattr(sale.address, name) == value for name, value in values.items()
    ):
        return
    sale.address = add_address(sale.customer_id, values)
    db.session.flush()
