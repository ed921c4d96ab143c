"""The values of the variables of a record, without characters that a phone could display as a link."""

from __future__ import annotations

import unicodedata
from typing import Any

from app.lib.mobile import local_mobile
from app.lib.persian import latin_digits
from models.customer import Customer
from models.follow_up import FollowUp

# More digits than this may be a telephone number or a code, which phones display as a link.
_MAX_DIGITS = 4
_JOINERS = frozenset("\u200c'’-()،")


def strip_links(value: str | None) -> str:
    """Untrusted *value* without characters that a phone could display as a link or number."""
    text = unicodedata.normalize("NFC", value or "")
    digits = sum(letter.isdigit() for letter in latin_digits(text))
    cleaned = (letter if _is_allowed(letter, has_number=digits > _MAX_DIGITS) else " " for letter in text)
    return " ".join("".join(cleaned).split()).strip("\u200c'’-()، ")


def _is_allowed(letter: str, *, has_number: bool) -> bool:
    kind = unicodedata.category(letter)[0]
    return kind in {"L", "M"} or letter in _JOINERS or (kind == "N" and not has_number)


def fields_of(record: FollowUp | Customer) -> dict[str, str]:
    """The values of a record's variables, keyed as in `RECORD`."""
    customer = record.customer if isinstance(record, FollowUp) else record
    return fields_of_row(customer, record.product.title if isinstance(record, FollowUp) else "")


def fields_of_row(row: Any, product: str | None) -> dict[str, str]:
    """The same for any row with a customer's columns."""
    first, last = strip_links(row.first_name), strip_links(row.last_name)
    return {
        "first_name": first,
        "last_name": last,
        "name": f"{first} {last}".strip(),
        "mobile": local_mobile(row.mobile),
        "city": strip_links(row.city),
        "province": strip_links(row.province),
        "product": product or "",
    }
