"""Validation of templates, and the list of variables."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.gateways.sms.limits import TextLimits
from app.services.sms.text.limits import check_text, current_limits
from app.services.sms.text.render import shortest_text
from app.services.sms.text.variables import PLACEHOLDER, RECORD, SENDER, normalize_name, resolve_variables
from models.member import Member
from models.organization import Organization
from models.sms.template import SmsCategory, SmsTemplate, SmsVariable
from models.tenancy.scope import actor_of


class UnknownVariables(DomainError):
    """The template contains variables that do not exist."""


def active_templates() -> Sequence[SmsTemplate]:
    """Active templates, ordered by title."""
    statement = select(SmsTemplate).where(SmsTemplate.is_active.is_(True)).order_by(SmsTemplate.title)
    return db.session.scalars(statement).all()


def variables() -> list[tuple[str, str]]:
    """(key, title) of the built-in and the organisation's variables."""
    own = [(spellings[1], spellings[1]) for spellings in (*RECORD.values(), *SENDER.values())]
    statement = select(SmsVariable.key, SmsVariable.title).order_by(SmsVariable.title)
    return own + [(key, title) for key, title in db.session.execute(statement)]


def unknown_variables(body: str) -> list[str]:
    """The placeholders of *body* without a variable, as written."""
    known = {normalize_name(each) for spellings in (*RECORD.values(), *SENDER.values()) for each in spellings}
    known |= {normalize_name(key) for key in db.session.scalars(select(SmsVariable.key))}
    written = dict.fromkeys(placeholder.strip() or "{}" for placeholder in PLACEHOLDER.findall(body))
    return [placeholder for placeholder in written if normalize_name(placeholder) not in known]


def check_template(template: SmsTemplate, by: Member) -> None:
    """Raise a `DomainError` for a template that *by* could never send."""
    unknown = unknown_variables(template.body)
    if unknown:
        raise UnknownVariables(
            _("There is no such variable: %(names)s"), field="body", names="، ".join(unknown)
        )
    if set(PLACEHOLDER.sub("", template.body)) & {"{", "}"}:
        raise DomainError(_("A brace is open or closed alone."), field="body")
    limits = current_limits()
    organization = db.session.get_one(Organization, actor_of(db.session()).organization_id)
    resolved = resolve_variables(template.body, by, organization)
    check_text(shortest_text(template, resolved, limits), limits, field="body")
    if template.category is SmsCategory.PATTERN:
        _check_pattern(template, limits)


def _check_pattern(template: SmsTemplate, limits: TextLimits) -> None:
    code = (template.pattern_code or "").strip()
    if not code:
        raise DomainError(_("A pattern has the code that the provider gave it."), field="pattern_code")
    if not limits.takes_pattern(code, 0):
        raise DomainError(_("No provider of the panel has codes of this form."), field="pattern_code")
    if not limits.takes_pattern(code, len(PLACEHOLDER.findall(template.body))):
        raise DomainError(_("The pattern has more variables than the provider takes."), field="body")
