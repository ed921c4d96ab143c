"""The password once more, before a dangerous act: asked on the spot, and all that was chosen comes back with it."""

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
# More rows than this are not taken away at once without it.
MOST_UNASKED = 100
PASSWORD = "sudo_password"  # noqa: S105 - the name of a field


class PasswordRequired(Exception):
    """The act needs a password that was given lately; nothing was done."""


class PasswordStep(PanelForm):
    sudo_password = PasswordField(_l("Password"), render_kw={"autocomplete": "current-password"})


def require_recent_password() -> None:
    """Raise `PasswordRequired` unless the password was given within the last minutes in this browser."""
    if current_app.config["REAUTHENTICATE"] and now() - g.user_session.confirmed_at >= CONFIRMED_FOR:
        raise PasswordRequired


def ask_password(error: DomainError | None = None) -> Any:
    """Instead of the act: a page that asks for the password and then sends what was sent, once more."""
    db.session.rollback()
    if request.method == "GET":
        flash(_("Write your password once more before you go on."), "info")
        here = get_safe_redirect(request.full_path.rstrip("?"))
        return redirect(url_for("AccountConfirm.index", next=here))
    form = PasswordStep(formdata=None)
    if error is not None:
        form.refuse(error)
    # Files alone can't be sent again by a page; no dangerous act takes one.
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
