"""Typing into a relation field: the few rows in scope that match."""

from __future__ import annotations

from typing import Any

from flask import abort, jsonify, request
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from app.extensions import db
from app.lib.mobile import mobile_fragment
from app.panel.base import Declared
from app.panel.columns import Kind
from app.panel.filters import related, search_condition
from app.panel.guard import needs

MOST_FOUND = 20


class LookupRoutes(Declared):
    """GET /lookup/<name>?q=."""

    @expose("/lookup/<string:name>")
    @needs("list")
    def lookup(self, name: str) -> Response:
        if name not in {*self.form, *(self.edit_fields or ()), *self.filters, *self.lookups}:
            abort(404)
        column = self.describe(name)
        if column.kind is not Kind.RELATION:
            abort(404)
        statement = related(column)
        condition = _matching(column.target, request.args.get("q", ""))
        if condition is not None:
            statement = statement.where(condition)
        rows = db.session.scalars(statement.limit(MOST_FOUND))
        return jsonify([{"value": str(row.id), "text": str(row)} for row in rows])


def _matching(target: Any, text: str) -> Any:
    if hasattr(target, "matching"):
        return target.matching(text) if text.strip() else None
    if not hasattr(target, "search_key"):
        return None
    digits = mobile_fragment(text) if hasattr(target, "mobile") else None
    return search_condition(target, digits or text)
