"""The check of duties that runs before every request, for pages, consoles, downloads and REST alike."""

from __future__ import annotations

from flask import current_app, flash, g, make_response, redirect, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.panel.access import wants_fragment
from app.panel.actor import role_names
from app.panel.api.errors import Problem, answer_problem, is_rest
from app.panel.errors.page import error_answer
from app.services.account import duty as account_duty
from app.services.account.duty import Duty

_FORBIDDEN = 403
# The pages of the duties that a member can do; platform support ends the others.
_PAGES = {
    Duty.OWN_PASSWORD: ("AccountPassword.index",),
    Duty.SECOND_STEP: ("AccountTwoStep.index", "AccountConfirm.index"),
}
_LOGOUT = "Login.logout"
_WORDS: dict[Duty, tuple[LazyString, LazyString]] = {
    Duty.SUSPENDED: (
        _l("Your organisation is suspended"),
        _l("No member of your organisation can work until platform support opens it again. Nothing is lost."),
    ),
    Duty.CLOSED: (
        _l("Your organisation is closed"),
        _l("No member of your organisation can work. Ask platform support if it should be opened again."),
    ),
    Duty.OWN_PASSWORD: (
        _l("Choose your own password"),
        _l("Somebody else set your password; log in to the panel and choose one of your own first."),
    ),
    Duty.SECOND_STEP: (
        _l("Two-step login"),
        _l("Your role needs a second step to log in; set it up first."),
    ),
}


def refuse_until_done() -> Response | None:
    """The response to a request while a duty is due, otherwise None; the request is then not executed."""
    duty = due_duty()
    g.is_admitted = current_user.is_authenticated and duty is None
    if duty is None or _works_meanwhile(duty):
        return None
    if is_rest():
        return answer_problem(Problem(_FORBIDDEN, str(_WORDS[duty][1])))
    return _send_to_page(duty) if duty in _PAGES else _say(duty)


def due_duty() -> Duty | None:
    """The first due duty of the logged-in member; None for anonymous requests."""
    if not current_user.is_authenticated:
        return None
    in_production = current_app.config["APP_ENV"] == "production"
    return account_duty.first_duty(current_user, role_names(), in_production=in_production)


def needs_totp() -> bool:
    """Whether the logged-in member needs a second step."""
    in_production = current_app.config["APP_ENV"] == "production"
    return account_duty.needs_totp(role_names(), current_user.organization, in_production=in_production)


def _works_meanwhile(duty: Duty) -> bool:
    always = request.endpoint == _LOGOUT or request.path.startswith("/static/")
    return always or request.endpoint in _PAGES.get(duty, ())


def _send_to_page(duty: Duty) -> Response:
    target = url_for(_PAGES[duty][0])
    if wants_fragment():
        # Without the header, a fragment request would insert the duty's page into the open page.
        return make_response("", _FORBIDDEN, {"HX-Redirect": target})
    if duty is Duty.SECOND_STEP:
        flash(str(_WORDS[duty][1]), "info")
    return redirect(target)


def _say(duty: Duty) -> Response:
    title, sentence = map(str, _WORDS[duty])
    return error_answer(_FORBIDDEN, title, sentence, sign="building", leave=True)
