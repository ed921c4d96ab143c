"""Form classes made from a model's columns, with their fields, labels, help texts and validators."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, ClassVar

from flask import request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import JSON, String
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from wtforms import Field, Form, PasswordField, ValidationError, validators
from wtforms.fields.core import UnboundField
from wtforms.validators import Email, Optional, StopValidation

from app.errors import DomainError
from app.extensions import db
from app.lib.persian import group_number, is_blank
from app.panel.actor import currency
from app.panel.columns import Column, Kind, describe
from app.panel.filters.base import most_of
from app.panel.filters.choices import related
from app.panel.forms import code_fields, fields
from app.panel.forms.doubts import codes_of
from models.base import PAST, Row
from models.types import Code, EmailAddress, Phone, Weekdays


class PanelForm(FlaskForm):
    """The base of all forms, with Persian messages and errors of the form as a whole."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The codes of the doubts that the form asks about; see `app.panel.forms.doubts`.
        self.doubts: list[str] = []
        for name in self.withheld():
            if name in self._fields:
                del self[name]

    @staticmethod
    def withheld() -> Collection[str]:
        """The names of the fields that the acting member must not set."""
        return ()

    class Meta(FlaskForm.Meta):
        locales = ("fa",)

        def wrap_formdata(self, form: Form, formdata: MultiDict[str, str] | None) -> Any:
            # Flask-WTF would parse a JSON body of any shape and depth; here it is an empty form.
            return ImmutableMultiDict() if request.is_json else super().wrap_formdata(form, formdata)

    def refuse(self, error: DomainError) -> None:
        """Add each refusal of *error* to the field that it names, or to the form."""
        self.doubts = codes_of(error)
        for each in error.parts:
            target = self._fields.get(each.field) if each.field else None
            if target is not None:
                target.errors = [*target.errors, str(each)]
            elif not any(field.refuse(each) for field in self if hasattr(field, "refuse")):
                self.form_errors.append(str(each))

    @property
    def error_count(self) -> int:
        of_lines = sum(len(field.problems) for field in self if hasattr(field, "problems"))
        return sum(1 for errors in self.errors.values() if errors) + of_lines


class Filled:
    """Validator of required fields: an invisible text is no value; zero and False are values."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __init__(self, message: LazyString) -> None:
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        if field.errors:
            raise StopValidation
        if field.data is None or field.data == "" or _shows_nothing(field):
            raise StopValidation(str(self.message))


class MayBeEmpty(Optional):
    """Validator of optional fields: an invisible text ends the validation without an error."""

    def __init__(self) -> None:
        super().__init__()
        self.string_check = lambda text: not is_blank(text)


class Length(validators.Length):
    """Validator of the length of a text; the sentences of WTForms have Latin digits."""

    def __call__(self, form: Form, field: Field) -> None:
        length = len(field.data or "")
        if length >= self.min and (self.max == -1 or length <= self.max):
            return
        words = self.message or _("Write at most %(most)s characters.")
        raise ValidationError(str(words) % {"most": group_number(self.max)})


def _shows_nothing(field: Field) -> bool:
    """Whether the value is a text without a visible character."""
    # A password may consist of spaces.
    return isinstance(field.data, str) and not isinstance(field, PasswordField) and is_blank(field.data)


def build_form(
    model: type[Row],
    names: Sequence[str],
    *,
    base_url: str,
    extra: dict[str, Any] | None = None,
    withheld: Callable[[], Collection[str]] = frozenset,
) -> type[PanelForm]:
    """A form class for the columns *names* of *model*.

    *extra* adds or replaces fields. *withheld* returns the fields to remove from each form.
    """
    described = {name: describe(model, name) for name in names if name not in (extra or {})}
    members: dict[str, Any] = {
        name: field_of(column, lookup_url=f"{base_url}lookup/{name}") for name, column in described.items()
    }
    members.update(extra or {})
    ordered = {name: members[name] for name in [*names, *(extra or {})]}
    return type(
        f"{model.__name__}Form", (PanelForm,), {**in_order(ordered), "withheld": staticmethod(withheld)}
    )


def in_order(members: dict[str, Any]) -> dict[str, Any]:
    """*members*, with creation counters in the order of the dict."""
    # WTForms orders the fields of a form by these counters.
    for number, unbound in enumerate(members.values()):
        unbound.creation_counter = number
    return members


def field_of(column: Column, *, lookup_url: str) -> UnboundField[Any]:
    build = _BUILDERS.get(column.kind, _text)
    return build(column, {"description": column.help or ""}, lookup_url)


def _required(column: Column) -> list[Any]:
    """The first validator of a field; a column with NULL or with a default is optional."""
    if column.nullable or _default(column) is not None:
        return [MayBeEmpty()]
    return [Filled(_("Please fill in this field."))]


def _default(column: Column) -> Any:
    if column.kind is Kind.RELATION:
        return None
    default = column.attribute.property.columns[0].default
    return None if default is None or default.is_clause_element else getattr(default, "arg", None)


def _unless_empty(column: Column) -> list[Callable[[Any], Any]]:
    """Filters that replace an empty value by the column's default, where the column has no NULL."""
    default = _default(column)
    if column.nullable or default is None:
        return []
    # SQLAlchemy passes the statement's context to a callable; here there is no statement yet.
    return [
        lambda value: value if value is not None else default(None) if callable(default) else default,
    ]


def _text(column: Column, common: dict[str, Any], _url: str) -> Any:
    size = column.attribute.property.columns[0].type
    if isinstance(size, JSON):
        return fields.ListField(column.label, _required(column), filters=_unless_empty(column), **common)
    if not isinstance(size, String) and not isinstance(getattr(size, "impl", None), String):
        raise TypeError(f"No form field edits the type {size!r} of the column {column.path!r}.")
    if isinstance(size, Weekdays):
        return code_fields.WeekdaysField(column.label, _required(column), **common)
    if isinstance(size, Code):
        return code_fields.CodeField(column.label, _required(column), kind=size, **common)
    most = size.length if isinstance(size, String) and size.length else 5000
    checks = [*_required(column), Length(max=most)]
    if isinstance(size, EmailAddress):
        checks.append(Email(_("This e-mail address is not valid.")))
    return fields.TextField(column.label, checks, filters=_unless_empty(column), **common)


def _note(column: Column, common: dict[str, Any], _url: str) -> Any:
    return fields.NoteField(column.label, _required(column), filters=_unless_empty(column), **common)


def _relation(column: Column, common: dict[str, Any], lookup_url: str) -> Any:
    checks = [MayBeEmpty()] if column.nullable else [Filled(_("Please choose one."))]

    def find(pk: int) -> Any:
        target: Any = column.target
        if pk > most_of(target.id):
            return None
        return db.session.scalar(related(column).where(target.id == pk))

    return fields.RelationField(column.label, checks, find=find, lookup_url=lookup_url, **common)


def _moment(column: Column, common: dict[str, Any], url: str) -> Any:
    is_past = column.attribute.property.columns[0].info.get(PAST)
    # Without the quick choices, which all lie in the future.
    options = {"render_kw": {"data-past": ""}} if is_past else {}
    return _parsed(fields.JalaliDateTimeField, **options)(column, common, url)


def _yes_or_no(column: Column, common: dict[str, Any], _url: str) -> Any:
    field_class = fields.YesNoField if column.nullable else fields.SwitchField
    return field_class(column.label, default=_default(column), **common)


def _choice(field_class: type[fields.MemberField]) -> Callable[..., Any]:
    def build(column: Column, common: dict[str, Any], _url: str) -> Any:
        kind = column.attribute.type.enum_class
        default = _default(column)
        chosen = [] if column.nullable or default is not None else [Filled(_("Choose one of the list."))]
        return field_class(
            column.label, chosen, kind=kind, may_be_empty=column.nullable, default=default, **common
        )

    return build


def _parsed(field_class: type[fields.ParsedField], **options: Any) -> Callable[..., Any]:
    def build(column: Column, common: dict[str, Any], _url: str) -> Any:
        default = _default(column)
        known = {} if callable(default) or default is None else {"default": default}
        filters = _unless_empty(column)
        return field_class(column.label, _required(column), filters=filters, **common, **options, **known)

    return build


def _number_to_dial(column: Column, common: dict[str, Any], url: str) -> Any:
    is_any = isinstance(column.attribute.property.columns[0].type, Phone)
    return _parsed(code_fields.PhoneField if is_any else fields.MobileField)(column, common, url)


_BUILDERS: dict[Kind, Callable[..., Any]] = {
    Kind.LONG_TEXT: _note,
    Kind.MOBILE: _number_to_dial,
    Kind.MONEY: _parsed(fields.MoneyField, currency=currency),
    Kind.NUMBER: _parsed(fields.NumberField),
    Kind.DATE: _parsed(fields.JalaliDateField),
    Kind.DATETIME: _moment,
    Kind.TIME: _parsed(code_fields.TimeField),
    Kind.BOOLEAN: _yes_or_no,
    Kind.CHOICE: _choice(fields.ChoiceField),
    Kind.COLOUR: _choice(fields.ColourField),
    Kind.RELATION: _relation,
}
