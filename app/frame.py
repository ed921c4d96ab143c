"""What every answer carries: a request id, security headers, Persian error pages, filters for numbers and dates."""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import Flask, current_app, g, make_response, render_template, request
from flask_babel import gettext as _
from flask_compress import Compress
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.extensions import db
from app.lib.browsers import browser_name
from app.lib.jalali import format_date, format_datetime, format_time, long_date
from app.lib.mobile import display_mobile
from app.lib.persian import group_number, persian_digits
from app.panel.action import Done
from app.panel.answers import toast
from app.panel.guard import wants_fragment
from app.panel.rest_problem import Problem, answer_problem, http_problem, is_rest
from app.panel.written import what_was_written
from models.scope import ForeignRow

_DEADLOCK, _OUT_OF_RANGE = "40P01", "22003"
# Lost connections, exhausted resources, a server that is being stopped.
_AWAY = ("08", "53", "57")
_REQUEST_ID = re.compile(r"[0-9a-zA-Z-]{8,40}")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def init_app(app: Flask) -> None:
    """Install the hooks; they run before and after everything else."""
    Compress(app)
    app.before_request(_give_id)
    app.after_request(_finish)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(ForeignRow, _foreign_row)
    app.register_error_handler(StaleDataError, _stale_row)
    app.register_error_handler(OperationalError, _database_refused)
    app.register_error_handler(DataError, _data_refused)
    app.register_error_handler(Exception, _crash)
    app.jinja_env.filters.update(
        persian=persian_digits,
        number=group_number,
        jdate=format_date,
        jdatetime=format_datetime,
        jtime=format_time,
        jlong=long_date,
        mobile=display_mobile,
        browser=browser_name,
    )


def _give_id() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex[:16]


def _finish(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def _texts(code: int) -> tuple[str, str]:
    """The heading and the sentence for *code*; unknown ones speak in general."""
    known = {
        400: (_("This request can't be read"), _("Go back and try again.")),
        401: (_("You are not logged in"), _("Log in and try again.")),
        403: (_("No access"), _("You have no access to this section.")),
        404: (_("Not found"), _("Nothing was found at this address.")),
        405: (_("This address does not do that"), _("Go back and try again.")),
        409: (
            _("Somebody changed this at the same time"),
            _("Somebody else changed this meanwhile. Open it again and repeat your change."),
        ),
        413: (_("Too large"), _("The file is larger than 10 megabytes.")),
        429: (_("Too many requests"), _("Wait a moment and try again.")),
        503: (
            _("Not available for the moment"),
            _("The system is not available for the moment; nothing is lost. Try again in a few moments."),
        ),
    }
    crashed = _("An internal error occurred. Tracking code: %(id)s", id=g.get("request_id", ""))
    return known.get(code, known[400] if code < 500 else (_("Internal error"), crashed))


def error_page(code: int, title: str = "", text: str = "", **more: Any) -> tuple[str, int]:
    """A calm Persian page for *code*, which asks neither the database nor who is logged in."""
    # Flask-Login would look for him while the page is drawn, where that may be what has just failed.
    if "_login_user" not in g:
        g._login_user = AnonymousUserMixin()
    heading, sentence = _texts(code)
    context: dict[str, Any] = {
        "code": code,
        "title": title or heading,
        "text": text or sentence,
        "request_id": g.get("request_id", ""),
        **more,
    }
    return render_template("errors/error.html", **context), code


def _http_error(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    return http_problem(error) if is_rest() else error_page(error.code)


def _csrf_error(error: CSRFError) -> Any:
    """An open page gets a new token and keeps what stands in it; a page of its own sends the same once more."""
    sentence = _("The time of this form is over. Send it again; what you wrote is kept.")
    if wants_fragment():
        answer = make_response(error_page(400))
        answer.headers["X-CSRF-Token"] = generate_csrf()
        answer.headers.update(toast(Done(sentence), level="danger"))
        return answer
    return error_page(400, _("This form is too old"), sentence, written=what_was_written())


def _foreign_row(error: ForeignRow) -> Any:
    db.session.rollback()
    return answer_problem(Problem(404)) if is_rest() else error_page(404)


def _stale_row(error: Exception) -> Any:
    """Somebody was quicker where no form can show both values; an open page keeps what stands in it."""
    db.session.rollback()
    answer = make_response(error_page(409))
    if wants_fragment():
        answer.headers["HX-Reswap"] = "none"
        answer.headers.update(toast(Done(_texts(409)[1]), level="danger"))
    return answer


def _database_refused(error: OperationalError) -> Any:
    """Of two who wait for each other PostgreSQL lets one through; a database that is away is no error of ours."""
    state = getattr(error.orig, "sqlstate", None) or ""
    if state == _DEADLOCK:
        return _stale_row(error)
    is_away = error.connection_invalidated or state.startswith(_AWAY) or _is_unanswered(error)
    return _crash(error, 503 if is_away else 500)


def _data_refused(error: DataError) -> Any:
    """A key beyond what its column holds is the key of no row."""
    if getattr(error.orig, "sqlstate", "") != _OUT_OF_RANGE:
        return _crash(error)
    db.session.rollback()
    return answer_problem(Problem(404)) if is_rest() else error_page(404)


def _is_unanswered(error: OperationalError) -> bool:
    """Whether no server answered, or SQLite's only writer was busy for too long."""
    sentence = str(error.orig)
    return "connection" in sentence or "database is locked" in sentence


def _crash(error: Exception, code: int = 500) -> Any:
    """Say nothing of the inside; the log has it under the same code."""
    current_app.logger.error("Request %s failed", g.get("request_id", ""), exc_info=error)
    db.session.rollback()
    return answer_problem(Problem(code)) if is_rest() else error_page(code)
