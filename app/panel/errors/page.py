"""Error pages: in the frame for a logged-in member, without it where the database may have failed."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, make_response, render_template, request
from flask_babel import gettext as _
from markupsafe import escape
from werkzeug.wrappers import Response

from app.panel.access import wants_fragment
from app.panel.action import Done
from app.panel.errors.report import report_url
from app.panel.errors.steady_token import use_steady_token
from app.panel.outage import is_outage, leave_transaction
from app.panel.responses import toast

AWAY = 503
# Sent where the templates cannot be rendered.
_STATIC = """<!doctype html>
<html lang="fa" dir="rtl">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>آوا</title></head>
<body>
<h1>{title}</h1>
<p>{text}</p>
<p>کد پیگیری: <bdi dir="ltr">{number}</bdi></p>
<p><a href="{home}">بازگشت به پنل</a></p>
</body>
</html>"""
_STATIC_WORDS = {
    AWAY: (
        "موقتاً در دسترس نیست",
        "سامانه موقتاً در دسترس نیست؛ داده‌ای از دست نرفته است. چند لحظه دیگر تلاش کنید.",
    )
}
_WRONG_HOST = ("این نشانی پنل نیست", "پنل را با نشانی خودش باز کنید.")
_STATIC_FAILED = ("خطایی رخ داد", "کار انجام نشد. چند لحظه دیگر دوباره بکوشید.")


def error_page(code: int, title: str = "", text: str = "", **more: object) -> tuple[str, int]:
    """The Persian page for *code*; *more* has further variables of `errors/_words.html`."""
    try:
        heading, sentence = texts(code)
        context = {"title": title or heading, "text": text or sentence, **more}
        context.update(code=code, request_id=g.get("request_id", ""))
        if not _has_frame(code):
            return _without_frame({**context, "report": report_url(code)}), code
        # The frame reads rows, and a read must not flush the changes of the failed request.
        if not leave_transaction():
            return _plain_page(AWAY)
        # A row outside the scope and a missing row must give the same page, so the form token must not differ.
        use_steady_token()
        return render_template("errors/framed.html", **context, report=report_url(code, reads=True)), code
    except Exception as error:
        current_app.logger.exception("The error page of request %s failed", g.get("request_id", ""))
        g.is_admitted = False
        return _plain_page(AWAY if is_outage(error) else code)


def wrong_host_page() -> tuple[str, int]:
    """The page for a host that is not the panel's. It has no template, because Flask builds no addresses there."""
    title, text = _WRONG_HOST
    home = escape(current_app.config["PUBLIC_BASE_URL"])
    return _STATIC.format(title=title, text=text, number=escape(g.get("request_id", "")), home=home), 400


def error_answer(code: int, title: str, text: str, **more: object) -> Response:
    """The error page as a response; a request from an open page gets *text* as a toast instead."""
    answer = make_response(error_page(code, title, text, **more))
    if wants_fragment():
        answer.headers["HX-Reswap"] = "none"
        number = g.get("request_id", "") if code >= 500 else ""
        answer.headers.update(toast(Done(text), level="danger", code=number))
    return answer


def texts(code: int) -> tuple[str, str]:
    """(heading, sentence) for *code*; general ones for other codes."""
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
        413: (_("Too large"), _too_large()),
        429: (_("Too many requests"), _("Wait a moment and try again.")),
        AWAY: (
            _("Not available for the moment"),
            _("The system is not available for the moment; nothing is lost. Try again in a few moments."),
        ),
    }
    crashed = _("An internal error occurred. Tracking code: %(id)s", id=g.get("request_id", ""))
    return known.get(code, known[400] if code < 500 else (_("Internal error"), crashed))


def _too_large() -> str:
    """A body without files exceeds the limit of forms, which is lower than that of files."""
    of_file: str = _("The file is larger than 10 megabytes.")
    of_form: str = _("The form is larger than 2 megabytes; shorten its texts.")
    return of_form if request.mimetype == "application/x-www-form-urlencoded" else of_file


def _has_frame(code: int) -> bool:
    """Whether the error page has the frame: the member is admitted, and the database works."""
    return bool(g.get("is_admitted")) and code < 500 and not wants_fragment()


def _without_frame(context: dict[str, Any]) -> str:
    # Not `render_template`: context processors read the member and their organisation from the database.
    return current_app.jinja_env.get_template("errors/error.html").render(context)


def _plain_page(code: int) -> tuple[str, int]:
    number = g.get("request_id", "")
    try:
        heading, sentence = texts(code)
        return _without_frame({"code": code, "title": heading, "text": sentence, "request_id": number}), code
    except Exception:  # The user gets a page in any case; the log has the reason.
        current_app.logger.exception("The plain error page of request %s failed", number)
        title, text = _STATIC_WORDS.get(code, _STATIC_FAILED)
        return _STATIC.format(title=title, text=text, number=escape(number), home="/"), code
