"""REST error responses in the problem format of RFC 9457, with the panel's messages."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from flask import Blueprint, g, jsonify, request
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.panel.api.auth import ROOT
from app.panel.outage import leave_transaction

# Limits the response to a body with many unknown names.
MOST_ERRORS = 50


class Problem(Exception):
    """An error response: status code, title, and messages by field."""

    def __init__(self, code: int, title: str = "", *, errors: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(code)
        self.code, self.title, self.errors = code, title, errors


def _titles() -> dict[int, str]:
    return {
        400: _("This request can't be read."),
        401: _("A valid token is missing."),
        403: _("You have no access to this."),
        404: _("Nothing was found at this address."),
        405: _("This address does not do that."),
        409: _("This was done before, or clashes with another row."),
        412: _("The row was changed meanwhile."),
        413: _("The request is too large."),
        415: _("Send JSON."),
        422: _("Some values can't be taken."),
        500: _("An internal error occurred. Tracking code: %(id)s", id=g.get("request_id", "")),
        503: _("The system is not available for the moment; nothing is lost. Try again in a few moments."),
        428: _("Say with If-Match which version of the row you mean."),
    }


def is_rest() -> bool:
    """Whether the request is for the REST API, which answers with JSON instead of a page."""
    return request.path.startswith(ROOT)


def answer_problem(problem: Problem) -> Response:
    leave_transaction()
    body: dict[str, Any] = {
        "type": "about:blank",
        "status": problem.code,
        "title": problem.title or _titles().get(problem.code, _titles()[400]),
        "request_id": g.get("request_id", ""),
    }
    if problem.errors is not None:
        body["errors"] = dict(islice(problem.errors.items(), MOST_ERRORS))
    response = jsonify(body)
    response.status_code, response.mimetype = problem.code, "application/problem+json"
    if problem.code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def http_problem(error: HTTPException) -> Response:
    """The problem response for an error of the framework, such as an unknown address."""
    response = answer_problem(Problem(error.code or 500))
    if error.code == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # type: ignore[attr-defined]  # MethodNotAllowed has it
    return response


def _stale(_error: StaleDataError) -> Response:
    return answer_problem(Problem(412))


def handle_problems(api: Blueprint) -> None:
    """Answer every error under *api* with a problem response."""
    api.register_error_handler(Problem, answer_problem)
    api.register_error_handler(HTTPException, http_problem)
    api.register_error_handler(StaleDataError, _stale)
