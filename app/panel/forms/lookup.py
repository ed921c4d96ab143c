"""Typing into a relation field: the few rows in scope that match."""

from __future__ import annotations

from flask import abort, jsonify, request
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import requires
from app.panel.columns import Kind
from app.panel.declaration import Declared
from app.panel.filters.choices import related
from app.panel.queries.search import matching

MOST_FOUND = 20


class LookupRoutes(Declared):
    """GET /lookup/<name>?q=."""

    @expose("/lookup/<string:name>")
    @requires("list")
    def lookup(self, name: str) -> Response:
        if name not in {*self.form, *(self.edit_fields or ()), *self.filters, *self.lookups}:
            abort(404)
        column = self.describe(name)
        if column.kind is not Kind.RELATION:
            abort(404)
        statement = related(column)
        condition = matching(column.target, request.args.get("q", ""))
        if condition is not None:
            statement = condition.narrow(statement)
        rows = db.session.scalars(statement.limit(MOST_FOUND))
        return jsonify(
            [{"value": str(row.id), "text": getattr(row, "choice_label", str(row))} for row in rows]
        )
