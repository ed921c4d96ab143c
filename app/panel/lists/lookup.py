"""The lookup of a relation field: the first rows in scope that match a text."""

from __future__ import annotations

from typing import Any

from flask import abort, jsonify, request
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.columns import Kind
from app.panel.declaration import Declaration
from app.panel.filters.choices import FOR_FILTER, filter_label, related
from app.panel.queries.search import matching

MOST_FOUND = 20


def found_rows(section: Declaration, name: str) -> Response:
    """JSON with `value` and `text` of the rows that match ``?q=``, with ``?filter=`` of those to filter by; 404 unless *name* is a relation with a lookup."""
    declared = {*section.form, *(section.edit_fields or ()), *section.filters, *section.lookups}
    if name not in declared | _of_lines(section):
        abort(404)
    column = section.describe(name)
    if column.kind is not Kind.RELATION or column.target is None:
        abort(404)
    for_filter = FOR_FILTER in request.args and name in {each.path for each in section.offered_filters()}
    statement = related(column, for_filter=for_filter)
    condition = matching(column.target, request.args.get("q", ""))
    if condition is not None:
        statement = condition.narrow(statement)
    rows = db.session.scalars(statement.limit(MOST_FOUND))
    label = filter_label if for_filter else choice_label
    return jsonify([{"value": str(row.id), "text": label(row)} for row in rows])


def choice_label(row: Any) -> str:
    """The name of a row in a list of choices."""
    return str(getattr(row, "choice_label", row))


def _of_lines(section: Declaration) -> set[str]:
    """The columns of the section's lines."""
    lines = section.lines
    return {f"{lines.relation}.{name}" for name in lines.columns} if lines else set()
