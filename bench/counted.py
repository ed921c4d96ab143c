"""The panel for gunicorn, with the number of statements of each response in a header."""

from __future__ import annotations

from typing import Any

from flask import Response, g, has_request_context
from sqlalchemy import event

from app.extensions import db
from run import app

# Statements of the transaction, not of the page.
UNCOUNTED = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SELECT set_config")
HEADER = "X-Statements"


def _count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    if has_request_context() and not statement.startswith(UNCOUNTED):
        g.statements = g.get("statements", 0) + 1


def _add_header(response: Response) -> Response:
    response.headers[HEADER] = str(g.get("statements", 0))
    return response


app.after_request(_add_header)
with app.app_context():
    event.listen(db.engine, "before_cursor_execute", _count)
