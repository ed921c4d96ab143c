"""The paths of REST resources in the OpenAPI document, with their operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_login import current_user

from app.panel.action import Action, RestAct
from app.panel.api.argument_schemas import argument_schemas
from app.panel.api.patterns import ETAGS, KEY, TEXT, Schema
from app.panel.api.row_schemas import body_schema
from app.panel.section import Section

IDEMPOTENCY_KEY = "Idempotency-Key"
KEY_SCHEMA: Schema = {"type": "string", "pattern": "^[!-~]{1,60}$"}


def paths_of(slug: str, name: str, section: Section) -> dict[str, Any]:
    one = {"name": "pk", "in": "path", "required": True, "schema": KEY}
    version = {"name": "If-Match", "in": "header", "required": True, "schema": ETAGS}
    every = {
        "get": _operation(
            f"list {slug}",
            {
                "200": _content(_list_schema(name)),
                **_refusals("409"),
                # The web server refuses addresses of more than 8,190 characters.
                "414": {"description": "URI Too Long"},
            },
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
    acts = _acts(slug, name, section, one)
    info = {"get": _operation(f"describe {slug}", {"200": _content({"type": "object"})}, [])}
    return {f"/{slug}/": every, f"/{slug}/_info": info, f"/{slug}/{{pk}}": single, **acts}


def _acts(slug: str, name: str, section: Section, one: Schema) -> dict[str, Any]:
    """The paths of the actions and the acts on one row."""
    offered = section.all_permissions()
    actions = [
        (each.name, _action_operation(slug, name, each, one))
        for each in section.declared_actions.values()
        if each.rest and section.permission_of(each) in offered
    ]
    acts = [(each.name, _rest_act_operation(slug, name, each, one)) for each in section.rest_acts]
    return {f"/{slug}/{{pk}}/{act}": {"post": operation} for act, operation in [*actions, *acts]}


def _action_operation(slug: str, name: str, chosen: Action, one: Schema) -> dict[str, Any]:
    """The operation that runs an action on one row; 409 where its condition refuses the row."""
    version = {"name": "If-Match", "in": "header", "schema": ETAGS}
    done = {"200": _content(_ref(name)), **_refusals("409", "412", "413", "415", "428")}
    operation = _operation(f"{chosen.name} {slug}", done, [one, version])
    if chosen.form is not None:
        schema = body_schema(chosen.form, is_new=True)
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"summary": str(chosen.label), **operation}


def _rest_act_operation(slug: str, name: str, act: RestAct, one: Schema) -> dict[str, Any]:
    """The operation of an act that concerns several rows; 202 where a job does it."""
    job = {"type": "object", "properties": {"job": KEY}, "required": ["job"]}
    answers = {"200": _content(_ref(name)), "202": _content(job), **_refusals("409", "413", "415")}
    operation = _operation(f"{act.name} {slug}", answers, [one])
    if act.form is not None:
        schema = body_schema(act.form, is_new=True)
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"summary": str(act.label), **operation}


def _operation(
    identity: str, responses: Mapping[str, Any], parameters: list[Any], *, body: str | None = None
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": identity.replace(" ", "_"),
        "parameters": parameters,
        "responses": {**responses, **_refusals("400", "401", "403", "404", "422", "429")},
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
