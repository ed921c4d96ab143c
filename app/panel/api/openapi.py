"""The OpenAPI document of the REST resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.panel.api.paths import paths_of
from app.panel.api.patterns import TEXT
from app.panel.api.row_schemas import body_schema, row_schema
from app.panel.section import Section

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


def openapi(sections: Mapping[str, Section]) -> dict[str, Any]:
    """The OpenAPI 3.1 document of all resources."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Problem": _PROBLEM}
    for slug, section in sections.items():
        name = "".join(part.capitalize() for part in slug.split("-"))
        schemas[name] = row_schema(section)
        if section.form or section.extra_fields:
            schemas[f"New{name}"] = body_schema(section.add_form_class(), is_new=True)
        schemas[f"Changed{name}"] = body_schema(section.edit_form_class(), is_new=False)
        paths |= paths_of(slug, name, section)
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
