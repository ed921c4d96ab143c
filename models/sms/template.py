"""Templates, variables and their values."""

from __future__ import annotations

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, or_, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Authored, Row, SoftDelete, Tenant, Versioned, field, live_unique, reads
from models.member import Member
from models.text_rules import TextRule
from models.types import Choice, choice


class SmsCategory(Choice):
    """Category of a template; the law requires the footer «لغو ۱۱» for all but patterns."""

    PATTERN = "pattern", _("Pattern")
    SERVICE = "service", _("Service")
    ADVERTISING = "advertising", _("Advertising")

    @property
    def needs_footer(self) -> bool:
        return self is not SmsCategory.PATTERN


class SmsTemplate(Row, Tenant, Authored, SoftDelete, Versioned, Model):
    __tablename__ = "sms_templates"
    __table_args__ = (live_unique("uq_sms_templates_title", "organization_id", "title"),)

    title: Mapped[str] = field(_("Title"), String(80), folded=True)
    body: Mapped[str] = field(
        _("Text"),
        Text,
        text=TextRule.MESSAGE,
        folded=True,
        help=_("Variables stand in braces, for example {name}."),
    )
    category: Mapped[SmsCategory] = field(_("Category"), choice(SmsCategory), default=SmsCategory.SERVICE)
    pattern_code: Mapped[str | None] = field(_("Pattern code"), String(60))
    is_active: Mapped[bool] = field(_("Active"), default=True)

    @reads("title")
    def __str__(self) -> str:
        return self.title


class VariableKind(Choice):
    RECORD = "record", _("From the record")
    TYPED = "typed", _("Typed")


class SmsVariable(Row, Tenant, Authored, SoftDelete, Versioned, Model):
    """A variable of an organisation; built-in variables are in no table."""

    __tablename__ = "sms_variables"
    __table_args__ = (live_unique("uq_sms_variables_key", "organization_id", "key"),)

    key: Mapped[str] = field(_("Key"), String(40))
    title: Mapped[str] = field(_("Title"), String(80))
    kind: Mapped[VariableKind] = field(_("Kind"), choice(VariableKind), default=VariableKind.TYPED)
    # The built-in variable of kind `RECORD` that this one is an alias of.
    source: Mapped[str | None] = field(_("Source"), String(40))

    values: Mapped[list[SmsVariableValue]] = relationship(back_populates="variable")

    @reads("title")
    def __str__(self) -> str:
        return self.title


_IS_PERSONAL = text("member_id IS NOT NULL")
_IS_COMMON = text("member_id IS NULL")


class SmsVariableValue(Row, Tenant, Authored, Versioned, Model):
    """A variable's value of a member, or of the organisation (NULL)."""

    __tablename__ = "sms_variable_values"
    __table_args__ = (
        Index(
            "uq_sms_variable_values_personal",
            "variable_id",
            "member_id",
            unique=True,
            postgresql_where=_IS_PERSONAL,
            sqlite_where=_IS_PERSONAL,
        ),
        Index(
            "uq_sms_variable_values_common",
            "variable_id",
            unique=True,
            postgresql_where=_IS_COMMON,
            sqlite_where=_IS_COMMON,
        ),
    )

    variable_id: Mapped[int] = mapped_column(ForeignKey("sms_variables.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    value: Mapped[str] = field(_("Value"), String(500), default="", text=TextRule.MESSAGE)

    variable: Mapped[SmsVariable] = relationship(back_populates="values")
    member: Mapped[Member | None] = relationship(foreign_keys="SmsVariableValue.member_id")

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return or_(cls.member_id == member_id, cls.member_id.is_(None))
