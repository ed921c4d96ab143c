"""Validation of templates, and the list of variables."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.services.sms.text.render import FOOTER, LONGEST, with_footer
from app.services.sms.text.variables import PLACEHOLDER, RECORD, SENDER, normalize_name
from models.sms.template import SmsCategory, SmsTemplate, SmsVariable


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
    written = dict.fromkeys(placeholder.strip() for placeholder in PLACEHOLDER.findall(body))
    return [placeholder for placeholder in written if normalize_name(placeholder) not in known]


def check_template(template: SmsTemplate) -> None:
    """Raise a `DomainError` for a template that could never be sent."""
    unknown = unknown_variables(template.body)
    if unknown:
        raise UnknownVariables(
            _("There is no such variable: %(names)s"), field="body", names="، ".join(unknown)
        )
    if set(PLACEHOLDER.sub("", template.body)) & {"{", "}"}:
        raise DomainError(_("A brace is open or closed alone."), field="body")
    text = with_footer(template.body) if template.category.needs_footer else template.body
    if len(text) > LONGEST:
        raise DomainError(_("The text is too long."), field="body")
    if template.category is SmsCategory.PATTERN and not (template.pattern_code or "").strip():
        raise DomainError(_("A pattern has the code that the provider gave it."), field="pattern_code")


def split_footer(text: str, template: SmsTemplate) -> tuple[str, str]:
    """(text without the appended footer, footer)."""
    if template.category.needs_footer and text.endswith(f"\n{FOOTER}"):
        return text.removesuffix(f"\n{FOOTER}"), FOOTER
    return text, ""
