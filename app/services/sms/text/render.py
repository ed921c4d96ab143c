"""Renders message texts: variables, footer and page count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.gateways.sms.limits import TextLimits
from app.lib.mobile import local_mobile
from app.lib.persian import is_blank, latin_digits, without_direction_marks
from app.lib.sms_text.size import is_latin
from app.services.sms.text.variables import PLACEHOLDER, ResolvedVariables, normalize_name, resolve_variables
from models.customer import Customer
from models.follow_up import FollowUp
from models.member import Member
from models.organization import Organization
from models.sms.campaign import SmsCampaign
from models.sms.template import SmsTemplate

FOOTER = "لغو۱۱"
_ENDS_WITH_FOOTER = re.compile(r"(?:لغو|\boff)[\s\u200c]*(?:11|۱۱|١١)\s*$", re.IGNORECASE)
# More digits than this may be a telephone number or a code, which phones display as a link.
_MAX_DIGITS = 4
_JOINERS = frozenset("\u200c'’-()،")


@dataclass(frozen=True)
class Rendered:
    """A rendered text; empty when variables are `missing`."""

    text: str
    missing: tuple[str, ...] = ()


def render(
    template: SmsTemplate,
    record: FollowUp | Customer,
    organization: Organization,
    user: Member,
    limits: TextLimits,
) -> Rendered:
    """Render *template* for one record, with the footer that its category requires."""
    resolved = resolve_variables(template.body, user, organization)
    found = text_for(template, resolved, fields_of(record), limits)
    if missing := dict.fromkeys((*found.missing, *resolved.missing)):
        return Rendered("", tuple(missing))
    return found


def text_for(
    template: SmsTemplate | SmsCampaign,
    resolved: ResolvedVariables,
    fields: Mapping[str, str],
    limits: TextLimits,
) -> Rendered:
    """Render the text for one receiver; *fields* are as from `fields_of`."""
    text, missing = _fill(template.body, lambda name: resolved.value_of(name, fields))
    if missing:
        return Rendered("", missing)
    return Rendered(complete(template, text, limits))


def shortest_text(
    template: SmsTemplate | SmsCampaign, resolved: ResolvedVariables, limits: TextLimits
) -> str:
    """The text with empty record variables: a lower bound of each receiver's text."""
    text, _missing = _fill(template.body, resolved.fixed.get)
    return complete(template, text, limits)


def complete(template: SmsTemplate | SmsCampaign, text: str, limits: TextLimits) -> str:
    """*text* with the line for opting out that the category of *template* requires."""
    return with_footer(text, limits.latin_footer) if template.category.needs_footer else text


def _fill(body: str, value_of: Callable[[str], str | None]) -> tuple[str, tuple[str, ...]]:
    """(filled text, placeholders without a value as written)."""
    missing: dict[str, None] = {}

    def put(placeholder: re.Match[str]) -> str:
        value = value_of(normalize_name(placeholder[1])) or ""
        if is_blank(value):
            missing[placeholder[1].strip() or "{}"] = None
        return value

    return without_direction_marks(PLACEHOLDER.sub(put, body)), tuple(missing)


def with_footer(text: str, latin_footer: str | None) -> str:
    """*text* with the line for opting out, unless it ends with one; a Latin text gets *latin_footer*."""
    if _ENDS_WITH_FOOTER.search(text):
        return text
    footer = latin_footer if latin_footer and is_latin(text) else FOOTER
    return f"{text.rstrip()}\n{footer}"


def split_footer(text: str) -> tuple[str, str]:
    """(text without a line for opting out at its end, this line)."""
    body, _newline, last = text.rpartition("\n")
    return (body, last) if body and _ENDS_WITH_FOOTER.fullmatch(last) else (text, "")


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
