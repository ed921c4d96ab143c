"""One row in the REST API: found in scope, and answered with its ETag."""

from __future__ import annotations

from typing import Any

from flask import jsonify
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.api.errors import Problem
from app.panel.api.serialization import row_as_json
from app.panel.api.versions import check_version_header, etag
from app.panel.forms.lines.rows import load_lines
from app.panel.section import Section
from models.base import Row


def row_in_scope(section: Section, pk: str, *, lock: bool = False) -> Any:
    statement = section.statement().where(section.model.id == int(pk))
    if lock:
        section.lock_above(int(pk))
        statement = statement.with_for_update(of=section.model).execution_options(populate_existing=True)
    row = db.session.scalar(statement)
    if row is None:
        raise Problem(404)
    # Checked before the body: a change without a version must not report other errors.
    if lock:
        check_version_header()
    return row


def row_response(section: Section, row: Row) -> Response:
    """*row* as JSON with its ETag."""
    load_lines(section.model, section.lines, [row])
    response: Response = jsonify(row_as_json(section, row))
    response.set_etag(etag(row))
    return response
