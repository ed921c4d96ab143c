"""The description of a REST resource for its clients: columns, fields, filters and rights."""

from __future__ import annotations

from typing import Any

from flask import jsonify
from werkzeug.wrappers import Response
from wtforms import Field

from app.panel.access import permitted
from app.panel.api.argument_schemas import filter_schemas
from app.panel.forms.builder import PanelForm
from app.panel.section import Section


def describe(section: Section) -> Response:
    return jsonify(info_of(section))


def info_of(section: Section) -> dict[str, Any]:
    """The columns, the form's fields, the filters and the member's rights."""
    return {
        "resource": section.slug,
        "title": str(section.title),
        "columns": [
            {"name": path, "label": str(column.label), "kind": column.kind.value}
            for path, column in section.stored_columns.items()
        ],
        "fields": [
            {"name": field.name, "label": str(field.label.text), "required": bool(field.flags.required)}
            for field in fields_of(section.add_form_class())
        ],
        "filters": [
            {"label": str(column.label), "arguments": list(filter_schemas(column))}
            for column in section.offered_filters()
        ],
        "sortable": list(section.sortable),
        "actions": [each.name for each in section.offered() if each.rest],
        "rights": [
            verb for verb in ("list", "show", "add", "edit", "delete") if permitted(section, f"can_{verb}")
        ],
    }


def fields_of(form_class: type[PanelForm]) -> list[Field]:
    form = form_class(formdata=None, meta={"csrf": False})
    return [field for field in form if field.name != "csrf_token"]
