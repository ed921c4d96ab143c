"""Renders message texts: fills in the variables and adds the footer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.gateways.sms.limits import TextLimits
from app.lib.persian import is_blank, without_direction_marks
from app.services.sms.text.footer import with_footer
from app.services.sms.text.record_fields import fields_of
from app.services.sms.text.variables import PLACEHOLDER, ResolvedVariables, normalize_name, resolve_variables
from models.customer import Customer
from models.follow_up import FollowUp
from models.member import Member
from models.organization import Organization
from models.sms.campaign import SmsCampaign
from models.sms.template import SmsTemplate


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
