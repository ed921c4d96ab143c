"""What an import would store of a row, as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.lib.jalali import TEHRAN, format_date, format_datetime
from app.lib.mobile import display_mobile
from app.lib.persian import persian_digits
from app.services.order.new_order import NewOrder


def stored_texts(order: NewOrder, fields: Sequence[str], products: Mapping[int, str]) -> dict[str, str]:
    """The texts of the values that *order* stores in *fields*; empty for a value that is not stored."""
    values = _values(order, products)
    return {field: str(values.get(field) or "") for field in fields}


def _values(order: NewOrder, products: Mapping[int, str]) -> dict[str, Any]:
    customer, address = order.customer, order.address or {}
    local = order.ordered_at.astimezone(TEHRAN)
    has_time = bool(local.hour or local.minute)
    names = (customer.get("first_name"), customer.get("last_name"))
    return {
        **customer,
        "mobile": display_mobile(customer["mobile"]),
        "product": products.get(order.product_id),
        "ordered_at": (format_datetime if has_time else format_date)(order.ordered_at),
        "full_name": " ".join(filter(None, names)),
        "quantity": persian_digits(order.quantity),
        "note": order.note,
        "reference": order.reference,
        "address": address.get("line"),
        "postal_code": persian_digits(address.get("postal_code") or ""),
    }
