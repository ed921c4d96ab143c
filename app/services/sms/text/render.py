"""The text of a message: its variables filled, its pages counted, its footer where the law wants one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from app.lib.mobile import local_mobile
from app.lib.persian import is_blank, latin_digits
from app.services.sms.text.variables import PLACEHOLDER, ResolvedVariables, name_of, resolve_variables
from models.customer import Customer
from models.follow_up import FollowUp
from models.member import Member
from models.organization import Organization
from models.sms.campaign import SmsCampaign
from models.sms.template import SmsTemplate

FOOTER = "لغو۱۱"
# What providers take of one text.
LONGEST = 1800
_ENDS_WITH_FOOTER = re.compile(r"لغو[\s\u200c]*(?:11|۱۱|١١)\s*$")
_GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = set("^{}\\[~]|€\f")
# Digits beyond so many in a name are a telephone number or a code, which phones turn into something to touch.
_MAX_DIGITS = 4
_JOINERS = frozenset("\u200c'’-()،")


@dataclass(frozen=True)
class Rendered:
    """The text, or the variables without which there is none."""

    text: str
    missing: tuple[str, ...] = ()


def render(
    template: SmsTemplate, record: FollowUp | Customer, organization: Organization, user: Member
) -> Rendered:
    """*template* for one record, with the footer that its category needs."""
    gaps = resolve_variables(template.body, user, organization)
    found = text_for(template, gaps, fields_of(record))
    if missing := dict.fromkeys((*found.missing, *gaps.missing)):
        return Rendered("", tuple(missing))
    return found


def text_for(
    template: SmsTemplate | SmsCampaign, gaps: ResolvedVariables, fields: Mapping[str, str]
) -> Rendered:
    """The text for one receiver, of whom *fields* tells what `fields_of` does."""
    text, missing = _fill(template.body, lambda name: gaps.value_of(name, fields))
    if missing:
        return Rendered("", missing)
    return Rendered(with_footer(text) if template.category.needs_footer else text)


def shortest_text(template: SmsTemplate | SmsCampaign, gaps: ResolvedVariables) -> str:
    """What no receiver's text is shorter than."""
    text, _missing = _fill(template.body, gaps.fixed.get)
    return with_footer(text) if template.category.needs_footer else text


def _fill(body: str, value_of: Callable[[str], str | None]) -> tuple[str, tuple[str, ...]]:
    """The filled text, and the gaps that nothing fills, as they are written."""
    missing: dict[str, None] = {}

    def put(gap: re.Match[str]) -> str:
        value = value_of(name_of(gap[1])) or ""
        if is_blank(value):
            missing[gap[1].strip() or "{}"] = None
        return value

    return PLACEHOLDER.sub(put, body), tuple(missing)


def with_footer(text: str) -> str:
    return text if _ENDS_WITH_FOOTER.search(text) else f"{text.rstrip()}\n{FOOTER}"


def pages(text: str) -> tuple[int, int]:
    """How many pages *text* takes, and how many characters are left on the last one."""
    is_plain = all(letter in _GSM or letter in _GSM_EXTENDED for letter in text)
    if is_plain:
        length, first, further = len(text) + sum(letter in _GSM_EXTENDED for letter in text), 160, 153
    else:
        length, first, further = len(text.encode("utf-16-le")) // 2, 70, 67
    if length <= first:
        return 1, first - length
    count = ceil(length / further)
    return count, count * further - length


def strip_links(value: str | None) -> str:
    """A value that a stranger may have typed, without anything that a phone would make a link of."""
    text = unicodedata.normalize("NFC", value or "")
    digits = sum(letter.isdigit() for letter in latin_digits(text))
    cleaned = (letter if _is_allowed(letter, has_number=digits > _MAX_DIGITS) else " " for letter in text)
    return " ".join("".join(cleaned).split()).strip("\u200c'’-()، ")


def _is_allowed(letter: str, *, has_number: bool) -> bool:
    kind = unicodedata.category(letter)[0]
    return kind in {"L", "M"} or letter in _JOINERS or (kind == "N" and not has_number)


def fields_of(record: FollowUp | Customer) -> dict[str, str]:
    """What texts may say of a record, by the names of the panel's own variables."""
    customer = record.customer if isinstance(record, FollowUp) else record
    return fields_of_row(customer, record.product.title if isinstance(record, FollowUp) else "")


def fields_of_row(row: Any, product: str | None) -> dict[str, str]:
    """The same of anything that has a customer's columns."""
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
