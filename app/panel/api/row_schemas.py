"""The JSON Schemas of rows: as they are read, and as they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.panel.api.info import fields_of
from app.panel.api.patterns import TEXT, Schema
from app.panel.api.schemas import field_schema
from app.panel.columns import Column, Kind
from app.panel.forms.builder import PanelForm
from app.panel.forms.lines.rows import line_columns
from app.panel.section import Section

_OUT: dict[Kind, dict[str, Any]] = {
    Kind.NUMBER: {"type": "integer"},
    Kind.MONEY: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATETIME: {"type": "string", "format": "date-time"},
    Kind.RELATION: {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "label": TEXT},
        "required": ["id", "label"],
    },
}


def row_schema(section: Section) -> dict[str, Any]:
    known = _values_schema(section.stored_columns)
    if section.lines is not None:
        columns = {each.path: each for each in line_columns(section.model, section.lines)}
        line = {"id": {"type": "integer"}, **_values_schema(columns)}
        items = {"type": "object", "properties": line, "required": list(line)}
        known[section.lines.relation] = {"type": "array", "items": items}
    own = {"id": {"type": "integer"}, "version": _nullable({"type": "integer"})}
    return {"type": "object", "properties": {**own, **known}, "required": ["id", "version", *known]}


def _values_schema(columns: Mapping[str, Column]) -> dict[str, Any]:
    return {path: _nullable(_OUT.get(column.kind, TEXT)) for path, column in columns.items()}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


def body_schema(form_class: type[PanelForm], *, is_new: bool) -> Schema:
    """The JSON Schema of a row's body; only a new row has required fields."""
    fields = fields_of(form_class)
    return {
        "type": "object",
        "properties": {field.name: field_schema(field) for field in fields},
        "required": [field.name for field in fields if field.flags.required] if is_new else [],
        "additionalProperties": False,
    }
