"""Reauthentication: a dangerous act asks for the password again and then repeats the request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_appbuilder.utils.base import get_safe_redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.panel.access import wants_fragment
from app.panel.forms.builder import PanelForm
from app.panel.view_models import FormPage, Step

CONFIRMED_FOR = timedelta(minutes=15)
# The most rows that a dangerous action changes without a recent password.
MOST_UNASKED = 100
PASSWORD = "sudo_password"  # noqa: S105 - the name of a field


class PasswordRequired(Exception):
    """The request needs a recent password; nothing was done."""


class PasswordStep(PanelForm):
    sudo_password = PasswordField(_l("Password"), render_kw={"autocomplete": "current-password"})


def require_recent_password() -> None:
    """Raise `PasswordRequired` unless the user gave the password within `CONFIRMED_FOR` in this session."""
    if current_app.config["REAUTHENTICATE"] and now() - g.user_session.confirmed_at >= CONFIRMED_FOR:
        raise PasswordRequired


def ask_password(error: DomainError | None = None) -> Any:
    """A page that asks for the password and sends the request again; for GET a redirect to such a page."""
    db.session.rollback()
    if request.method == "GET":
        flash(_("Write your password once more before you go on."), "info")
        here = get_safe_redirect(request.full_path.rstrip("?"))
        return redirect(url_for("AccountConfirm.index", next=here))
    form = PasswordStep(formdata=None)
    if error is not None:
        form.refuse(error)
    # A page can't send files again; no dangerous act takes one.
    sent = request.form.items(multi=True)
    carried = [(name, value) for name, value in sent if name not in {PASSWORD, "csrf_token"}]
    return (_dialog if wants_fragment() else _page)(form, carried), 422


def _dialog(form: PasswordStep, carried: list[tuple[str, str]]) -> str:
    step = Step(
        title=_("Password once more"),
        sentence=_("Write your password once more before you go on."),
        action_url=request.full_path.rstrip("?"),
        hidden=carried,
        submit_label=_("Go on"),
        form=form,
        fields=[PASSWORD],
    )
    return render_template("panel/forms/step.html", step=step)


def _page(form: PasswordStep, carried: list[tuple[str, str]]) -> str:
    back = get_safe_redirect(request.referrer or "/")
    title = _("Password once more")
    form.sudo_password.description = _("Write your password once more before you go on.")
    page = FormPage(title, back, form, [PASSWORD], _("Go on"), form.error_count, hidden=carried)
    return render_template("account/form.html", page=page, tabs=())
