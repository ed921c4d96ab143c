"""Variables of texts: built-in ones, the organisation's own, and their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select

from app.errors import DomainError
from app.extensions import db
from app.lib.mobile import local_mobile
from app.lib.persian import fold, is_blank
from models.member import Member
from models.organization import Organization
from models.sms.template import SmsTemplate, SmsVariable, SmsVariableValue, VariableKind

_LONGEST_TITLE = 80
PLACEHOLDER = re.compile(r"\{([^{}\n]{0,60})\}")
# An unmatched brace, with the text after it.
_LONE_BRACE = re.compile(r"[{}][^{}\s]{0,20}")
# Variable names with the spellings that are accepted between braces.
RECORD = {
    "first_name": ("first_name", "نام"),
    "last_name": ("last_name", "نام خانوادگی"),
    "name": ("name", "نام کامل", "نام و نام خانوادگی", "مشتری"),
    "mobile": ("mobile", "موبایل", "شماره موبایل"),
    "city": ("city", "شهر"),
    "province": ("province", "استان"),
    "product": ("product", "محصول"),
}
SENDER = {
    "organization": ("organization", "سازمان", "نام سازمان"),
    "user": ("user", "کاربر", "کارشناس", "مشاور", "فرستنده"),
    "user_mobile": ("user_mobile", "موبایل کارشناس", "موبایل مشاور"),
    "extension": ("extension", "داخلی"),
}


@lru_cache(maxsize=1024)
def normalize_name(written: str) -> str:
    """The normalized name of a variable; «نام‌خانوادگی», «نام_خانوادگي» and «نام خانوادگی» are the same."""
    return fold(written.replace("_", " ")).replace(" ", "").lower()


_RECORD_NAMES = {
    normalize_name(spelling): name for name, spellings in RECORD.items() for spelling in spellings
}
_SENDER_NAMES = {
    normalize_name(spelling): name for name, spellings in SENDER.items() for spelling in spellings
}


class MissingVariables(DomainError):
    """The text has placeholders without a value; `names` lists them."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        message = _("These variables have no value: %(names)s")
        super().__init__(message, field="template", names="، ".join(self.names))


@dataclass(frozen=True)
class ResolvedVariables:
    """The variables of one text: `fixed` values, fields of the `record` by name, and `missing` ones as written."""

    fixed: Mapping[str, str]
    record: Mapping[str, str]
    missing: tuple[str, ...] = ()

    def value_of(self, name: str, fields: Mapping[str, str]) -> str | None:
        return self.fixed.get(name) or fields.get(self.record.get(name, ""))

    def as_json(self) -> dict[str, Any]:
        return {"fixed": dict(self.fixed), "record": dict(self.record)}


def resolve_variables(body: str, user: Member, organization: Organization) -> ResolvedVariables:
    """Resolve the placeholders of *body* for the sender *user*."""
    known, aliases = values_for(user, organization), _aliases()
    fixed: dict[str, str] = {}
    record: dict[str, str] = {}
    missing: dict[str, None] = {}
    for written in PLACEHOLDER.findall(body):
        name = normalize_name(written)
        if not is_blank(known.get(name, "")):
            fixed[name] = known[name]
        elif (source := _RECORD_NAMES.get(aliases.get(name, name))) is not None:
            record[name] = source
        else:
            missing[written.strip() or "{}"] = None
    missing |= dict.fromkeys(_LONE_BRACE.findall(PLACEHOLDER.sub("", body)))
    return ResolvedVariables(fixed, record, tuple(missing))


def values_for(user: Member, organization: Organization) -> dict[str, str]:
    """All values that do not depend on the record, by normalized name."""
    own = {
        "organization": organization.name,
        "user": user.full_name,
        "user_mobile": local_mobile(user.mobile) if user.mobile else "",
        "extension": user.extension or "",
    }
    common = {spelling: own[name] for spelling, name in _SENDER_NAMES.items()}
    return common | {normalize_name(key): value for key, value in typed_values(user).items()}


def typed_values(user: Member) -> dict[str, str]:
    """The typed variables by key, with the user's value or else the organisation's."""
    statement = (
        select(SmsVariable.key, SmsVariableValue.member_id, SmsVariableValue.value)
        .join(SmsVariableValue, SmsVariableValue.variable_id == SmsVariable.id)
        .where(
            SmsVariable.kind == VariableKind.TYPED,
            or_(SmsVariableValue.member_id == user.id, SmsVariableValue.member_id.is_(None)),
        )
    )
    found: dict[str, str] = {}
    for key, member_id, value in db.session.execute(statement):
        if not is_blank(value) and (member_id is not None or key not in found):
            found[key] = value.strip()
    return found


def _aliases() -> dict[str, str]:
    """The organisation's variables that are aliases of a record's variable."""
    statement = select(SmsVariable.key, SmsVariable.source).where(
        SmsVariable.kind == VariableKind.RECORD, SmsVariable.source.is_not(None)
    )
    return {
        normalize_name(key): normalize_name(source or "") for key, source in db.session.execute(statement)
    }


def value_of(variable: SmsVariable, member: Member | None) -> str:
    """The stored value of *variable* for *member*, or for the organisation when None; empty without one."""
    row = _value_row(variable, member)
    return row.value if row is not None else ""


def _value_row(variable: SmsVariable, member: Member | None) -> SmsVariableValue | None:
    whose = (
        SmsVariableValue.member_id.is_(None) if member is None else SmsVariableValue.member_id == member.id
    )
    return db.session.scalar(
        select(SmsVariableValue).where(SmsVariableValue.variable_id == variable.id, whose)
    )


def set_value(variable: SmsVariable, value: str, *, member: Member | None) -> None:
    """Set the value of *variable* for *member*, or for the organisation when None; empty means no value."""
    row = _value_row(variable, member)
    if row is None:
        row = SmsVariableValue(variable_id=variable.id, member_id=member.id if member else None)
        db.session.add(row)
    row.value = value.strip()
    db.session.flush()


def add_variable(key: str, title: str) -> SmsVariable:
    """Add a variable of the organisation; raises `DomainError` for an invalid or existing name."""
    written, words = " ".join(key.split()), " ".join(title.split())
    if not re.fullmatch(r"[\w\u200c ]{1,40}", written):
        raise DomainError(_("A name is made of letters, digits and spaces, 40 at most."), field="key")
    if not words:
        raise DomainError(_("Please fill in this field."), field="title")
    if len(words) > _LONGEST_TITLE:
        raise DomainError(_("Write at most %(most)s characters."), field="title", most=_LONGEST_TITLE)
    taken = {
        *_RECORD_NAMES,
        *_SENDER_NAMES,
        *map(normalize_name, db.session.scalars(select(SmsVariable.key))),
    }
    if normalize_name(written) in taken:
        raise DomainError(_("There is a variable of this name already."), field="key")
    variable = SmsVariable(key=written, title=words, kind=VariableKind.TYPED)
    db.session.add(variable)
    db.session.flush()
    return variable


def refuse_used(variable: SmsVariable) -> None:
    """Raise `DomainError` when an active template uses *variable*, so that it can't be deleted."""
    bodies = db.session.execute(
        select(SmsTemplate.title, SmsTemplate.body).where(SmsTemplate.is_active.is_(True))
    )
    name = normalize_name(variable.key)
    users = [title for title, body in bodies if name in map(normalize_name, PLACEHOLDER.findall(body))]
    if users:
        raise DomainError(
            _("It stands in these texts: %(titles)s. Take it out there first."), titles="، ".join(users)
        )
