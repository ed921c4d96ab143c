"""Request ids, security headers, error handlers and template filters."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, current_app, g, request
from flask_babel import gettext as _
from flask_compress import Compress
from flask_login import current_user
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.formparser import FormDataParser
from werkzeug.routing import MapAdapter
from werkzeug.wrappers import Response

from app.gateways.storage.tables import BadFile
from app.lib.jalali import format_date, format_datetime, format_time, long_date
from app.lib.mobile import display_mobile
from app.lib.persian import group_number, persian_digits
from app.lib.user_agent import browser_name
from app.panel.access import OrganizationNeeded, is_in_place, wants_fragment
from app.panel.actor import acts_somewhere, bind_request
from app.panel.api.errors import Problem, answer_problem, http_problem, is_rest
from app.panel.bulk.ticked import WrongSelection
from app.panel.errors.foreign_origin import ForeignOrigin, refuse_foreign_origin
from app.panel.errors.old_form import answer_old_form
from app.panel.errors.organization_needed import answer_without_organization, refuse_write, rest_hint
from app.panel.errors.page import AWAY, error_answer, error_page, texts, wrong_host_page
from app.panel.errors.resubmission import has_secrets, is_of_panel, readable, resubmittable_fields
from app.panel.outage import close_session, is_outage, leave_transaction
from models.tenancy.scope import ForeignRow
from views.account.duty import refuse_until_done
from views.health import PROBES

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_DEADLOCK, _OUT_OF_RANGE = "40P01", "22003"
# Seconds after which a client may retry.
_RETRY_AFTER = "5"
# For these codes the same form may succeed later, so the error page can send it again.
_RETRYABLE = frozenset({409, 429})
_REQUEST_ID = re.compile(r"[0-9a-zA-Z-]{8,40}")
_NOT_STORED = "private, no-store"
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


class PanelRequest(Request):
    """Bounds forms of either encoding, of which Werkzeug bounds multipart forms alone; HEAD is GET without a body."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A view that asks whether the method is GET would take HEAD for a sent form.
        if self.method == "HEAD":
            self.method = "GET"

    def make_form_data_parser(self) -> FormDataParser:
        if self.mimetype == "application/x-www-form-urlencoded":
            bounds = (self.max_content_length, self.max_form_memory_size)
            self.max_content_length = min(each for each in bounds if each is not None)
        return super().make_form_data_parser()


class PanelApp(Flask):
    """The application, whose views and hooks are all plain functions."""

    request_class = PanelRequest

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """*func* itself: Flask asks 19 times a request whether it is a coroutine."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Trusts any host name of a probe: load balancers ask by the address of the server."""
        trusted = self.config["TRUSTED_HOSTS"]
        if request is not None and trusted and request.path in PROBES:
            request.environ["HTTP_HOST"] = trusted[0]
        return super().create_url_adapter(request)


class _CompressBodies(Compress):
    """Skips responses without a body, such as most answers to a request for news."""

    def after_request(self, response: Any) -> Any:
        return response if response.status_code == 204 else super().after_request(response)


def init_app(app: Flask) -> None:
    """Install the hooks, before those of all other modules."""
    _CompressBodies(app)
    app.before_request(_give_id)
    app.before_request(refuse_foreign_origin)
    app.after_request(_finish)
    # Registered after the hook of the extension, so it runs before it.
    app.teardown_appcontext(lambda _error: close_session())
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(ForeignOrigin, lambda error: _page(403, text=str(error.sentence)))
    app.register_error_handler(WrongSelection, lambda error: error_answer(400, "", error.description))
    app.register_error_handler(ForeignRow, _foreign_row)
    app.register_error_handler(BadFile, _bad_file)
    app.register_error_handler(OrganizationNeeded, answer_without_organization)
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
    g.request_id = _id_of(request.headers.get("X-Request-ID", ""))


def _id_of(given: str) -> str:
    """The request id that a proxy has *given*, or a new one."""
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex[:16]


def headers_without_route(environ: WSGIEnvironment) -> Headers:
    """The headers of the panel for a response without a body that Flask did not route."""
    given = {"X-Request-ID": _id_of(environ.get("HTTP_X_REQUEST_ID", "")), "Vary": "Cookie"}
    return Headers({**_HEADERS, **given, "Cache-Control": _NOT_STORED})


def _finish(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if response.status_code == AWAY:
        response.headers.setdefault("Retry-After", _RETRY_AFTER)
    if is_in_place() and response.location:
        # Scripts can't read the target of a redirect, and a followed one would use up the messages of its page.
        response.status_code, response.headers["X-Location"] = 204, response.headers.pop("Location")
        response.set_data(b"")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", _NOT_STORED)
    return response


def _page(code: int, title: str = "", text: str = "") -> Any:
    """The error response for *code*, with the submitted values if a form was sent."""
    if is_rest():
        return answer_problem(Problem(code))
    if code >= 500:
        return error_page(code, title, text)
    refusal = _refuse_early()
    if refusal is not None:
        return refusal
    written = resubmittable_fields() if request.method == "POST" else []
    again = written if code in _RETRYABLE else ()
    return error_page(code, title, text, written=again, shown=readable(written))


def _refuse_early() -> Any:
    """The response of a due duty, if the request failed before duties were checked."""
    if "is_admitted" in g:
        return None
    bind_request()
    return refuse_until_done()


def _http_error(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, SecurityError):
        return wrong_host_page()
    failure = getattr(error, "original_exception", None)
    if failure is not None:
        # Exceptions of after-request hooks arrive wrapped.
        return _crash(failure)
    return http_problem(error) if is_rest() else _page(error.code)


def _csrf_error(error: CSRFError) -> Any:
    """An expired token: a fragment request gets a new one, a page request a form that sends the values again."""
    refusal = _refuse_early() or (None if is_rest() else answer_old_form())
    if refusal is not None:
        return refusal
    sentence = _("The time of this form is over. Send it again; what you wrote is kept.")
    if has_secrets():
        sentence += " " + _("Passwords and keys are not kept; write them once more.")
    written = resubmittable_fields()
    more = (
        {} if wants_fragment() else {"written": written, "shown": readable(written), "resends": is_of_panel()}
    )
    answer = error_answer(400, _("This form is too old"), sentence, **more)
    if wants_fragment() or is_in_place():
        answer.headers["X-CSRF-Token"] = generate_csrf()
    return answer


def _foreign_row(error: ForeignRow) -> Any:
    """A row that the actor cannot read, or any row for an admin who acts in no organisation."""
    leave_transaction()
    if current_user.is_authenticated and not acts_somewhere():
        return answer_problem(Problem(409, rest_hint() or "")) if is_rest() else refuse_write()
    return _page(404)


def _bad_file(error: BadFile) -> Any:
    """A page of an import whose file cannot be read any more, outside the form that takes the file."""
    leave_transaction()
    if is_rest():
        return answer_problem(Problem(409, str(error)))
    return error_answer(409, _("The file can't be read"), str(error))


def _stale_row(error: Exception) -> Any:
    """A version conflict outside the forms that can show both values."""
    leave_transaction()
    return error_answer(409, "", texts(409)[1]) if wants_fragment() else _page(409)


def _database_refused(error: OperationalError) -> Any:
    """A deadlock is a conflict; all other errors are crashes."""
    state = getattr(error.orig, "sqlstate", None) or ""
    return _stale_row(error) if state == _DEADLOCK else _crash(error)


def _data_refused(error: DataError) -> Any:
    """A key that exceeds the range of its column: no such row."""
    if getattr(error.orig, "sqlstate", "") != _OUT_OF_RANGE:
        return _crash(error)
    leave_transaction()
    return _page(404)


def _crash(error: BaseException) -> Any:
    """Log the error under the request id and show a page without details; 503 when the database is unreachable."""
    current_app.logger.error("Request %s failed", g.get("request_id", ""), exc_info=error)
    code = AWAY if is_outage(error) else 500
    leave_transaction()
    if is_rest():
        return answer_problem(Problem(code))
    if wants_fragment():
        return error_answer(code, "", texts(code)[1 if code == AWAY else 0])
    return error_page(code)
