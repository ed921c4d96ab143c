"""Preview of a template's text for one receiver."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.extensions import db
from app.lib.sms_text.size import size_of
from app.services.sms.provider import price_of_page
from app.services.sms.text.footer import split_footer
from app.services.sms.text.limits import current_limits, refusal_of
from app.services.sms.text.record_fields import fields_of
from app.services.sms.text.render import complete, text_for
from app.services.sms.text.template import unknown_variables
from app.services.sms.text.variables import PLACEHOLDER, normalize_name, resolve_variables
from models.customer import Customer
from models.follow_up import FollowUp
from models.member import Member
from models.organization import Organization
from models.sms.template import SmsTemplate
from models.tenancy.scope import actor_of


@dataclass(frozen=True)
class Example:
    """A previewed text.

    `text` is without the `footer`. Placeholders that are `missing` a value or `unknown` stay in it as written.
    `left` is the number of characters left on the last page, `refusal` why the provider would not take the text.
    """

    text: str
    footer: str
    pages: int
    left: int
    receiver: str
    rials: int | None
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    refusal: str = ""


def example_of(template: SmsTemplate, record: FollowUp | Customer | None, by: Member) -> Example:
    """The preview of *template* for *record*; placeholders without a value stay as written."""
    organization = db.session.scalars(
        select(Organization).where(Organization.id == actor_of(db.session()).organization_id)
    ).one()
    fields = fields_of(record) if record is not None else {}
    resolved = resolve_variables(template.body, by, organization)
    text = PLACEHOLDER.sub(
        lambda placeholder: resolved.value_of(normalize_name(placeholder[1]), fields) or placeholder[0],
        template.body,
    )
    limits = current_limits()
    text = complete(template, text, limits) if text else ""
    body, footer = split_footer(text) if template.category.needs_footer else (text, "")
    count, left = size_of(text)[:2] if text else (0, 70)
    refusal, price = refusal_of(text, limits), price_of_page()
    return Example(
        text=body,
        footer=footer,
        pages=count,
        left=left,
        receiver=_name(record),
        rials=None if price is None else round(price * count),
        missing=text_for(template, resolved, fields, limits).missing,
        unknown=tuple(unknown_variables(template.body)),
        refusal=str(refusal or ""),
    )


def _name(record: FollowUp | Customer | None) -> str:
    customer = record.customer if isinstance(record, FollowUp) else record
    return str(customer) if customer is not None else ""
