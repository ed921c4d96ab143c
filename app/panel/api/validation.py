"""Validation of requests against the schemas that the OpenAPI document shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from werkzeug.datastructures import MultiDict

from app.lib.persian import latin_digits
from app.panel.api.schemas import DAY, Schema

# Fields accept more spellings than a pattern describes, so these errors count only when the field refuses too.
_LENIENT = frozenset({"pattern", "format"})
_FORMATS = FormatChecker(formats=["email"])
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
    """The JSON value of *data*; raises `ValueError` also for a duplicate name and for a lone surrogate."""

    def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        read = dict(pairs)
        if len(read) < len(pairs):
            raise ValueError("duplicate name")
        return read

    read = json.loads(data, object_pairs_hook=unique_names)
    json.dumps(read, ensure_ascii=False).encode()
    return read


def check_body(schema: Schema, body: Mapping[str, Any]) -> Check:
    check = Check()
    for error in Draft202012Validator(schema, format_checker=_FORMATS).iter_errors(body):
        for name, sentence in _messages_of(schema, error):
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


def _check_value(check: Check, name: str, schema: Schema, value: str) -> None:
    digits = latin_digits(value)
    read: Any = int(digits) if schema["type"] == "integer" and _WHOLE.fullmatch(digits) else value
    for error in Draft202012Validator(schema).iter_errors(read):
        if error.validator_value == DAY:
            check.doubtful.add(name)
        else:
            check.refused.setdefault(name, [_message(error)])


def _messages_of(schema: Schema, error: ValidationError) -> Iterable[tuple[str, str]]:
    """The fields that *error* concerns, each with its message."""
    body: Any = error.instance
    if error.validator == "required":
        missing = [name for name in schema["required"] if name not in body]
        return [(name, _("Please fill in this field.")) for name in missing]
    if error.validator == "additionalProperties":
        known = schema["properties"]
        return [(name, _("There is no such field.")) for name in body if name not in known]
    return [(str(error.path[0]) if error.path else "", _message(error))]


def _message(error: ValidationError) -> str:
    sentence: str
    match error.validator:
        case "maxLength":
            sentence = _("Write at most %(max)d characters.", max=error.validator_value)
        case "minLength":
            sentence = _("Please fill in this field.")
        case "enum":
            sentence = _("Choose one of the list.")
        case "minimum" | "maximum":
            sentence = _("This number is out of range.")
        case _other:
            sentence = _("The value is of the wrong kind.")
    return sentence
