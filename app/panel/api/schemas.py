"""The JSON Schemas of requests: the fields of a form and the arguments of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wtforms import Field
from wtforms.validators import Email, Length

from app.panel.api.patterns import (
    DIGIT,
    ISO_DAY,
    JALALI,
    KEY,
    KEYS,
    LONGEST_TEXT,
    MOBILE,
    MOMENT,
    MOST_AMOUNT,
    NO_CONTROL,
    SOMETHING_VISIBLE,
    TIME_OF_DAY,
    WEEKDAYS,
    Schema,
)
from app.panel.forms import code_fields, fields
from app.panel.forms.lines.field import LinesField


def field_schema(field: Field) -> Schema:
    """The schema of *field*; it accepts null only where the field may be empty."""
    describe = next((each for kind, each in _FIELDS if isinstance(field, kind)), _text)
    schema = describe(field)
    may_be_empty = getattr(field, "may_be_empty", False)
    if "enum" in schema and may_be_empty:
        return {**schema, "type": [schema["type"], "null"], "enum": [*schema["enum"], None]}
    if field.flags.required or "enum" in schema or schema["type"] == "boolean":
        return {**schema}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {**schema, "type": [*kinds, "null"]}


def _text(field: Field) -> Schema:
    most = min((each.max for each in field.validators if isinstance(each, Length)), default=LONGEST_TEXT)
    pattern = SOMETHING_VISIBLE if field.flags.required else NO_CONTROL
    schema = {"type": "string", "pattern": pattern, "maxLength": most}
    if any(isinstance(each, Email) for each in field.validators):
        schema["format"] = "email"
    return schema | ({"minLength": 1} if field.flags.required else {})


def _number(field: Field) -> Schema:
    digits = len(str(field.most)) - 1
    return {
        "type": ["integer", "string"],
        "minimum": field.least,
        "maximum": field.most,
        "pattern": f"^{DIGIT}{{1,{digits}}}$",
        "minLength": 1,
    }


def _amount(_field: Field) -> Schema:
    # An amount in toman may have a tenth, as it is shown.
    return {
        "type": ["number", "string"],
        "multipleOf": 0.1,
        "minimum": 0,
        "maximum": MOST_AMOUNT,
        "pattern": f"^{DIGIT}{{1,14}}$",
        "minLength": 1,
    }


def _relation(_field: Field) -> Schema:
    return {**KEY, "type": ["integer", "string"], "pattern": KEYS, "minLength": 1}


def _members(field: Field) -> Schema:
    return {"type": "string", "enum": [str(each.value) for each in field.iter_choices() if each.value]}


def _day(field: Field) -> Schema:
    pattern = MOMENT if field.with_time else f"^({ISO_DAY}|{JALALI})$"
    return {"type": "string", "pattern": pattern, "minLength": 1}


def _time(_field: Field) -> Schema:
    return dict(TIME_OF_DAY)


def _lines(field: Field) -> Schema:
    """Lines with a key keep the values that are not sent; new ones need all that are required."""
    blank = field.blank(0).form
    required = [each.short_name for each in blank if each.flags.required]
    line = {
        "type": "object",
        "properties": {"id": KEY, **{each.short_name: field_schema(each) for each in blank}},
        "if": {"required": ["id"]},
        "else": {"required": required},
        "additionalProperties": False,
    }
    return {"type": "array", "items": line, "minItems": field.lines.least, "maxItems": field.lines.most}


# The first matching class counts, so subclasses come before their bases.
_FIELDS: Sequence[tuple[type[Any], Callable[[Any], Schema]]] = (
    (LinesField, _lines),
    (fields.YesNoField, lambda _field: {"type": ["boolean", "null"]}),
    (fields.ListField, lambda _field: {"type": "array", "items": {"type": "string", "pattern": NO_CONTROL}}),
    (fields.SwitchField, lambda _field: {"type": "boolean"}),
    (fields.MoneyField, _amount),
    (fields.NumberField, _number),
    (fields.RelationField, _relation),
    (code_fields.WeekdaysField, lambda _field: {"type": "string", "pattern": WEEKDAYS, "minLength": 1}),
    (fields.MemberField, _members),
    (fields.JalaliDateField, _day),
    (code_fields.TimeField, _time),
    (code_fields.CodeField, lambda field: {"type": "string", "format": field.format, "minLength": 1}),
    (code_fields.PhoneField, lambda _field: {"type": "string", "format": "phone", "minLength": 1}),
    (fields.MobileField, lambda _field: {"type": "string", "pattern": MOBILE, "minLength": 1}),
)
