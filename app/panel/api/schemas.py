"""The JSON Schemas of requests: the fields of a form and the arguments of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wtforms import Field
from wtforms.validators import Email, Length

from app.lib.money import MOST
from app.lib.persian import BLANKS
from app.panel.columns import Column, Kind
from app.panel.filters.base import FROM, MOST_VALUES, STATE, TO, name_of
from app.panel.filters.choices import CHOSEN, pairs_of
from app.panel.filters.parsing import STATES
from app.panel.filters.ranges import DATED, RANGED, Preset
from app.panel.forms import fields
from app.panel.queries import cursor
from app.panel.queries.arguments import PAGE_SIZES
from app.panel.section import Section

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
KEY: Schema = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
_LONGEST_TEXT = 5000
_LONGEST_SEARCH = 100
_MOST_AMOUNT = MOST // 10  # the limit of amounts in toman, used for rials too
_MOST_NUMBER = 2**31 - 1
_NO_CONTROL = r"^[^\u0000-\u0008\u000b-\u001f\u007f]*$"
# The first visible character ends the blanks, so that matching takes linear time.
_SOMETHING_VISIBLE = rf"^[{BLANKS}]*[^\u0000-\u0020\u007f{BLANKS}]" + r"[^\u0000-\u0008\u000b-\u001f\u007f]*$"
_NO_NUL = r"^[^\u0000]*$"
_DIGIT = "[0-9۰-۹٠-٩]"
_MOBILE = rf"^(\+98|0098|98|0)?[9۹٩]({_DIGIT}{{9}}|{_DIGIT}{{2}} {_DIGIT}{{3}} {_DIGIT}{{4}})$"
_JALALI = "1[34][0-9]{2}/(0[1-9]|1[0-2])/(0[1-9]|1[0-9]|2[0-9])"
DAY = f"^{_JALALI}$"
_ISO_DAY = "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
_MOMENT = rf"^({_ISO_DAY}T{_CLOCK}:[0-5][0-9](Z|[+-]0[0-9]:[0-5][0-9])|{_JALALI} {_CLOCK})$"
# If-Match by RFC 9110: an asterisk, or quoted versions.
ETAGS: Schema = {
    "type": "string",
    "pattern": r'^(\*|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*")*)$',
}
_KEYS = r"^[1-9][0-9]{0,17}$"


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


def argument_schemas(section: Section, *, to_anybody: bool = False) -> dict[str, Schema]:
    """The schemas of a list's arguments, for the acting member or, with `to_anybody`, independent of the member."""
    orders = [order for path in section.sortable for order in (path, f"-{path}")]
    tabs = [tab.key for tab in (section.tabs if to_anybody else section.visible_tabs())]
    place = {"type": "string", "pattern": r"^[0-9]{1,18}[.-]", "maxLength": 300}
    known: dict[str, Schema] = {
        "size": {"type": "integer", "enum": list(PAGE_SIZES)},
        cursor.AFTER: place,
        cursor.BEFORE: place,
        cursor.END: {"type": "integer", "enum": [1]},
    }
    known |= (
        {"q": {"type": "string", "pattern": _NO_NUL, "maxLength": _LONGEST_SEARCH}} if section.search else {}
    )
    known |= {"sort": {"type": "string", "enum": orders}} if orders else {}
    known |= {"tab": {"type": "string", "enum": tabs}} if tabs else {}
    for column in section.described_filters if to_anybody else section.offered_filters():
        known |= filter_schemas(column)
    return known


def filter_schemas(column: Column) -> dict[str, Schema]:
    """The schemas of a column's filter arguments."""
    name = name_of(column)
    state = {f"{name}{STATE}": {"type": "string", "enum": list(STATES)}} if column.nullable else {}
    if column.kind in CHOSEN:
        return {name: {"type": "array", "items": _choice(column), "maxItems": MOST_VALUES}, **state}
    if column.kind in RANGED:
        named = {name: {"type": "string", "enum": [each.value for each in Preset]}}
        ends = {f"{name}{end}": _end(column.kind) for end in (FROM, TO)}
        return {**(named if column.kind in DATED else {}), **ends, **state}
    return {name: {"type": "string", "pattern": _NO_NUL, "maxLength": _LONGEST_SEARCH}, **state}


def _choice(column: Column) -> Schema:
    if column.kind is Kind.RELATION:
        return KEY
    return {"type": "string", "enum": [value for value, _label in pairs_of(column)]}


def _end(kind: Kind) -> Schema:
    if kind in DATED:
        return {"type": "string", "pattern": DAY, "minLength": 1}
    if kind is Kind.MONEY:
        return {"type": "integer", "minimum": 0, "maximum": _MOST_AMOUNT}
    return {"type": "integer", "minimum": -_MOST_NUMBER, "maximum": _MOST_NUMBER}


def _text(field: Field) -> Schema:
    most = min((each.max for each in field.validators if isinstance(each, Length)), default=_LONGEST_TEXT)
    pattern = _SOMETHING_VISIBLE if field.flags.required else _NO_CONTROL
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
        "pattern": f"^{_DIGIT}{{1,{digits}}}$",
        "minLength": 1,
    }


def _amount(_field: Field) -> Schema:
    return {
        "type": ["integer", "string"],
        "minimum": 0,
        "maximum": _MOST_AMOUNT,
        "pattern": f"^{_DIGIT}{{1,14}}$",
        "minLength": 1,
    }


def _relation(_field: Field) -> Schema:
    return {**KEY, "type": ["integer", "string"], "pattern": _KEYS, "minLength": 1}


def _members(field: Field) -> Schema:
    return {"type": "string", "enum": [str(each.value) for each in field.iter_choices() if each.value]}


def _day(field: Field) -> Schema:
    pattern = _MOMENT if field.with_time else f"^({_ISO_DAY}|{_JALALI})$"
    return {"type": "string", "pattern": pattern, "minLength": 1}


# The first matching class counts, so subclasses come before their bases.
_FIELDS: Sequence[tuple[type[Any], Callable[[Any], Schema]]] = (
    (fields.YesNoField, lambda _field: {"type": ["boolean", "null"]}),
    (fields.ListField, lambda _field: {"type": "array", "items": {"type": "string", "pattern": _NO_CONTROL}}),
    (fields.SwitchField, lambda _field: {"type": "boolean"}),
    (fields.MoneyField, _amount),
    (fields.NumberField, _number),
    (fields.RelationField, _relation),
    (fields.MemberField, _members),
    (fields.JalaliDateField, _day),
    (fields.MobileField, lambda _field: {"type": "string", "pattern": _MOBILE, "minLength": 1}),
)
