"""The descriptions of the REST resources: `_info` and OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import jsonify
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import Field

from app.panel.access import permitted
from app.panel.api.schemas import ETAGS, KEY, TEXT, Schema, argument_schemas, field_schema, filter_schemas
from app.panel.columns import Column, Kind
from app.panel.forms.builder import PanelForm
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
IDEMPOTENCY_KEY = "Idempotency-Key"
KEY_SCHEMA: Schema = {"type": "string", "pattern": "^[!-~]{1,60}$"}
_PROBLEM = {
    "type": "object",
    "properties": {
        "type": TEXT,
        "status": {"type": "integer"},
        "title": TEXT,
        "request_id": TEXT,
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}},
    },
    "required": ["type", "status", "title"],
}


def describe(section: Section) -> Response:
    return jsonify(info_of(section))


def info_of(section: Section) -> dict[str, Any]:
    """The columns, the form's fields, the filters and the member's rights."""
    return {
        "resource": section.slug,
        "title": str(section.title),
        "columns": [
            {"name": path, "label": str(column.label), "kind": column.kind.value}
            for path, column in section.offered_columns.items()
        ],
        "fields": [
            {"name": field.name, "label": str(field.label.text), "required": bool(field.flags.required)}
            for field in _fields(section.add_form_class())
        ],
        "filters": [
            {"label": str(column.label), "arguments": list(filter_schemas(column))}
            for column in section.offered_filters()
        ],
        "sortable": list(section.sortable),
        "rights": [
            verb for verb in ("list", "show", "add", "edit", "delete") if permitted(section, f"can_{verb}")
        ],
    }


def _fields(form_class: type[PanelForm]) -> list[Field]:
    form = form_class(formdata=None, meta={"csrf": False})
    return [field for field in form if field.name != "csrf_token"]


def openapi(sections: Mapping[str, Section]) -> dict[str, Any]:
    """The OpenAPI 3.1 document of all resources."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Problem": _PROBLEM}
    for slug, section in sections.items():
        name = "".join(part.capitalize() for part in slug.split("-"))
        schemas[name] = _row_schema(section.offered_columns)
        if section.form or section.extra_fields:
            schemas[f"New{name}"] = body_schema(section.add_form_class(), is_new=True)
        schemas[f"Changed{name}"] = body_schema(section.edit_form_class(), is_new=False)
        paths |= _paths(slug, name, section)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ava",
            "version": "1",
            "description": "Bearer tokens are made at /account/tokens/.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "paths": paths,
    }


def _row_schema(columns: Mapping[str, Column]) -> dict[str, Any]:
    known = {path: _nullable(_OUT.get(column.kind, TEXT)) for path, column in columns.items()}
    own = {"id": {"type": "integer"}, "version": _nullable({"type": "integer"})}
    return {"type": "object", "properties": {**own, **known}, "required": ["id", "version", *known]}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


def body_schema(form_class: type[PanelForm], *, is_new: bool) -> Schema:
    """The JSON Schema of a row's body; only a new row has required fields."""
    fields = _fields(form_class)
    return {
        "type": "object",
        "properties": {field.name: field_schema(field) for field in fields},
        "required": [field.name for field in fields if field.flags.required] if is_new else [],
        "additionalProperties": False,
    }


def _paths(slug: str, name: str, section: Section) -> dict[str, Any]:
    one = {"name": "pk", "in": "path", "required": True, "schema": KEY}
    version = {"name": "If-Match", "in": "header", "required": True, "schema": ETAGS}
    every = {
        "get": _operation(
            f"list {slug}",
            {"200": _content(_list_schema(name)), **_refusals("409")},
            _list_parameters(section),
        )
    }
    single = {
        "get": _operation(
            f"show {slug}", {"200": _content(_ref(name)), "304": {"description": "Unchanged"}}, [one]
        ),
    }
    offered = section.all_permissions()  # the rights of all roles together, not those of the member
    if "can_add" in offered:
        key = {"name": IDEMPOTENCY_KEY, "in": "header", "schema": KEY_SCHEMA}
        made = {"201": _content(_ref(name)), **_refusals("409", "413", "415", "422")}
        every["post"] = _operation(f"add {slug}", made, [key], body=f"New{name}")
    if "can_edit" in offered:
        changed = {"200": _content(_ref(name)), **_refusals("409", "412", "413", "415", "422", "428")}
        single["put"] = _operation(f"edit {slug}", changed, [one, version], body=f"Changed{name}")
    if "can_delete" in offered:
        gone = {"204": {"description": "Deleted"}, **_refusals("409", "412", "428")}
        single["delete"] = _operation(f"delete {slug}", gone, [one, version])
    info = {"get": _operation(f"describe {slug}", {"200": _content({"type": "object"})}, [])}
    return {f"/{slug}/": every, f"/{slug}/_info": info, f"/{slug}/{{pk}}": single}


def _operation(
    identity: str, responses: Mapping[str, Any], parameters: list[Any], *, body: str | None = None
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": identity.replace(" ", "_"),
        "parameters": parameters,
        "responses": {**responses, **_refusals("400", "401", "403", "404", "422")},
    }
    if body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
    return operation


def _list_parameters(section: Section) -> list[Any]:
    known = argument_schemas(section, to_anybody=not current_user.is_authenticated)
    return [{"name": name, "in": "query", "schema": schema} for name, schema in known.items()]


def _list_schema(name: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": _ref(name)},
            "count": {"type": "integer"},
            "count_is_capped": {"type": "boolean"},
            "next": {"type": ["string", "null"]},
            "previous": {"type": ["string", "null"]},
            # The reason for an empty list when no organisation is named.
            "hint": TEXT,
        },
        "required": ["items", "count", "count_is_capped", "next", "previous"],
    }


def _content(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": "As asked for", "content": {"application/json": {"schema": schema}}}


def _refusals(*codes: str) -> dict[str, Any]:
    refusal = {"description": "Refused", "content": {"application/problem+json": {"schema": _ref("Problem")}}}
    return dict.fromkeys(codes, refusal)


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
