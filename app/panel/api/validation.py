"""Validation of requests against the schemas that the OpenAPI document shows."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from werkzeug.datastructures import MultiDict

from app.lib.codes import CodeError
from app.lib.mobile import MobileError, canonical_phone
from app.lib.persian import group_number, latin_digits
from app.panel.api.patterns import DAY, Schema
from models.types import EconomicCode, LegalId, NationalId, PostalCode, Website

# Fields accept more spellings than a pattern describes, and floats have no exact tenths, so these errors count only when
# the field refuses too.
_LENIENT = frozenset({"pattern", "format", "multipleOf"})
_FORMATS = FormatChecker(formats=["email"])
for _code in (NationalId, LegalId, EconomicCode, PostalCode, Website):
    _FORMATS.checks(_code.name, raises=CodeError)(lambda text, read=_code.read: bool(read(str(text))))
_FORMATS.checks("phone", raises=MobileError)(lambda text: bool(canonical_phone(str(text))))
_WHOLE = re.compile(r"-?[0-9]{1,19}")

Errors = dict[str, list[str]]


@dataclass
class Check:
    """The schema errors of a request: `refused` has messages by name; `doubtful` names count only if the form refuses too."""

    refused: Errors = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)

    def code_of(self, errors: Mapping[str, Any]) -> int:
        """422 for a request that violates the schema; 409 for a valid one that conflicts with stored rows."""
        return 422 if self.refused or self.doubtful.intersection(errors) else 409


def read_json(data: bytes) -> Any:
    """The JSON value of *data*; raises `ValueError` also for a duplicate name, a lone surrogate and an infinite number."""

    def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        read = dict(pairs)
        if len(read) < len(pairs):
            raise ValueError("duplicate name")
        return read

    def finite(text: str) -> float:
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(text)
        return number

    read = json.loads(data, object_pairs_hook=unique_names, parse_constant=finite, parse_float=finite)
    json.dumps(read, ensure_ascii=False).encode()
    return read


def check_body(schema: Schema, body: Mapping[str, Any]) -> Check:
    check = Check()
    for error in _BodyValidator(schema, format_checker=_FORMATS).iter_errors(body):
        for name, sentence in _messages_of(error):
            if error.validator in _LENIENT:
                check.doubtful.add(name)
            else:
                check.refused.setdefault(name, [sentence])
    return check


def check_arguments(schemas: Mapping[str, Schema], arguments: MultiDict[str, str]) -> Check:
    """The schema errors of query arguments, which are texts and may be repeated."""
    check = Check()
    for name in arguments:
        schema, values = schemas.get(name), arguments.getlist(name)
        if schema is None:
            check.refused[name] = [_("There is no such filter.")]
            continue
        many = schema["type"] == "array"
        item = schema["items"] if many else schema
        if len(values) > (schema["maxItems"] if many else 1):
            check.refused[name] = [_("There are too many values.")]
        for value in values:
            _check_value(check, name, item, value)
    return check


def _check_step(_validator: Any, step: float, instance: Any, _schema: Schema) -> Iterable[ValidationError]:
    """An error for a number that is no multiple of *step*, by their decimal digits."""
    # A division of floats is not exact, and that of the library fails for a very long number.
    is_whole = not isinstance(instance, float) or instance.is_integer()
    if not is_whole and Decimal(str(instance)) % Decimal(str(step)):
        yield ValidationError("no multiple")


_BodyValidator = extend(Draft202012Validator, {"multipleOf": _check_step})


def _check_value(check: Check, name: str, schema: Schema, value: str) -> None:
    digits = latin_digits(value)
    read: Any = int(digits) if schema["type"] == "integer" and _WHOLE.fullmatch(digits) else value
    for error in Draft202012Validator(schema).iter_errors(read):
        if error.validator_value == DAY:
            check.doubtful.add(name)
        else:
            check.refused.setdefault(name, [_message(error)])


def _messages_of(error: ValidationError) -> Iterable[tuple[str, str]]:
    """The fields that *error* concerns, each with its message."""
    body: Any = error.instance
    rule: Any = error.validator_value
    within_schema: Any = error.schema
    place = _name_of(error.absolute_path)
    within = f"{place}." if place else ""
    if error.validator == "required":
        missing = [name for name in rule if name not in body]
        return [(within + name, _("Please fill in this field.")) for name in missing]
    if error.validator == "additionalProperties":
        known = within_schema["properties"]
        return [(within + name, _("There is no such field.")) for name in body if name not in known]
    return [(place, _message(error))]


def _name_of(path: Iterable[str | int]) -> str:
    """The name of a field, as errors have it: «items[2].quantity»."""
    name = ""
    for step in path:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name


def _message(error: ValidationError) -> str:
    sentence: str
    limit: Any = error.validator_value
    match error.validator:
        case "maxLength":
            sentence = _("Write at most %(most)s characters.", most=group_number(limit))
        case "minLength":
            sentence = _("Please fill in this field.")
        case "enum":
            sentence = _("Choose one of the list.")
        case "minItems":
            sentence = _("Add at least one line.")
        case "maxItems":
            sentence = _("At most %(max)s lines can be saved.", max=group_number(limit))
        case "minimum" | "maximum":
            sentence = _("This number is out of range.")
        case _other:
            sentence = _("The value is of the wrong kind.")
    return sentence
