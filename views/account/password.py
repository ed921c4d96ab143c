"""Change of the member's password, and its confirmation before dangerous actions."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.utils.base import get_safe_redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import PasswordField, ValidationError

from app.extensions import db
from app.lib.clock import now
from app.panel.forms.builder import Filled, PanelForm
from app.panel.login_session import enter, for_members, own_session
from app.panel.page import Page, PageAudience
from app.panel.view_models import FormPage
from app.services.account.login import LoginRefused, reset_tries
from app.services.account.password import PasswordRefused, change_password
from app.services.account.session import open_session
from views.account.tabs import account_tabs, begin_try, prove_password, request_source

_FILLED = Filled(_l("Please fill in this field."))


class PasswordForm(PanelForm):
    present = PasswordField(_l("Present password"), [_FILLED], render_kw={"autocomplete": "current-password"})
    password = PasswordField(
        _l("New password"),
        [_FILLED],
        description=_l("At least 8 characters, 12 for managers; a sentence of your own is best."),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(_l("New password again"), [_FILLED], render_kw={"autocomplete": "new-password"})

    def validate_again(self, field: Any) -> None:
        if field.data != self.password.data:
            raise ValidationError(_("This is not the same as above."))


class ConfirmForm(PanelForm):
    present = PasswordField(_l("Password"), [_FILLED], render_kw={"autocomplete": "current-password"})


class AccountPassword(Page):
    """GET and POST of /account/password/."""

    slug = "account/password"
    audience = PageAudience.MEMBERS
    title = _l("Password")

    @expose("/", methods=["GET", "POST"])
    @for_members
    def index(self) -> Any:
        form = PasswordForm()
        if request.method == "POST" and form.validate():
            try:
                begin_try(current_user.username)
                change_password(current_user, present=form.present.data, new=form.password.data)
            except (LoginRefused, PasswordRefused) as error:
                db.session.rollback()
                form.refuse(error)
            else:
                reset_tries(current_user, request_source())
                # All sessions have ended, so this browser gets a new one.
                key = open_session(current_user, request_source())
                db.session.commit()
                flash(_("Your password is changed; all other sessions have ended."), "success")
                return enter(current_user, key, url_for("Account.index"))
        page = FormPage(_("Change of password"), "/", form, list(_names(form)), _("Save"), form.error_count)
        html = self.render_template("account/form.html", page=page, tabs=account_tabs("AccountPassword"))
        return (html, 422) if request.method == "POST" else html


class AccountConfirm(Page):
    """GET and POST of /account/confirm/: the password again, before a dangerous action."""

    slug = "account/confirm"
    audience = PageAudience.MEMBERS
    title = _l("Password once more")

    @expose("/", methods=["GET", "POST"])
    @for_members
    def index(self) -> Any:
        form = ConfirmForm()
        target = get_safe_redirect(request.args.get("next") or "/")
        if request.method == "POST" and form.validate():
            try:
                prove_password(current_user, form.present.data)
            except LoginRefused as error:
                form.refuse(error)
            else:
                own_session().confirmed_at = now()
                db.session.commit()
                return redirect(target)
        page = FormPage(
            _("Password once more"), target, form, list(_names(form)), _("Go on"), form.error_count
        )
        html = self.render_template("account/form.html", page=page, tabs=())
        return (html, 422) if request.method == "POST" else html


def _names(form: PanelForm) -> list[str]:
    return [name for name in form._fields if name != "csrf_token"]
