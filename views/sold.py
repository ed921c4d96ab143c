"""What was sold: the items of a sale in forms, and its balance in lists."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.panel.words import Lines, Total
from models.sale import STANDING

SOLD = Lines(
    "items",
    _("Items"),
    _("Sale item"),
    ("product", "quantity", "price"),
    presets={"price": "product.price"},
    amount="amount",
    totals=(
        Total("subtotal", _("Sum")),
        Total("discount", minus=True),
        Total("amount", _("Payable")),
    ),
)


def balance_words(row: Any) -> str | None:
    """What a balance without an amount means; None where the amount says it."""
    if row.status not in STANDING:
        return ""
    return gettext("Settled") if row.balance == 0 else None
