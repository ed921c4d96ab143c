"""Password reset: the page that sends a link, and the page that the link opens."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import PasswordField, ValidationError
from wtforms.validators import Email

from app.errors import DomainError
from app.extensions import db
from app.gateways.task_queue import enqueue_after_commit
from app.panel.forms.builder import Filled, PanelForm
from app.panel.forms.fields import TextField
from app.panel.page import Page, PageAudience
from app.panel.rates.groups import Group, limited
from app.services.account.reset import ResetRefused, ask_for_link, find_link, use_link
from app.tasks.mail import send_mails
from views.account.tabs import request_source

GONE = 410


class AddressForm(PanelForm):
    email = TextField(
        _l("E-mail"),
        [Filled(_l("Write your e-mail address.")), Email(_l("This e-mail address is not valid."))],
    )


class NewPasswordForm(PanelForm):
    password = PasswordField(_l("New password"), [Filled(_l("Write the new password."))])
    again = PasswordField(_l("New password again"), [Filled(_l("Write it a second time."))])

    def validate_again(self, field: Any) -> None:
        if field.data != self.password.data:
            raise ValidationError(_("This is not the same as above."))


class ForgotPassword(Page):
    """GET and POST of /forgot-password/; the response does not disclose whether the address exists."""

    slug = "forgot-password"
    audience = PageAudience.EVERYBODY
    title = _l("Forgotten password")

    @expose("/", methods=["GET", "POST"])
    @limited(write=Group.LOGIN)
    def index(self) -> Any:
        form = AddressForm()
        is_asked = request.method == "POST" and form.validate()
        if is_asked:
            ask_for_link(form.email.data, request_source())
            enqueue_after_commit(send_mails)
            db.session.commit()
        html = self.render_template("account/forgot.html", form=form, is_asked=is_asked)
        return (html, 422) if request.method == "POST" and not is_asked else html


class ResetPassword(Page):
    """GET and POST of /reset-password/<token>: the link can be opened repeatedly and used once."""

    slug = "reset-password"
    audience = PageAudience.EVERYBODY
    title = _l("New password")

    @expose("/")
    def index(self) -> Response:
        return redirect(url_for("ForgotPassword.index"))

    @expose("/<token>", methods=["GET", "POST"])
    @limited(write=Group.LOGIN)
    def form(self, token: str) -> Any:
        form = NewPasswordForm()
        try:
            find_link(token)
            if request.method == "POST" and form.validate():
                use_link(token, form.password.data)
                db.session.commit()
                flash(_("Your password is changed; log in with it."), "success")
                return redirect(url_for("Login.login"))
        except ResetRefused as error:
            db.session.rollback()
            return self._page(None, str(error)), GONE, _headers()
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        return self._page(form, ""), 422 if request.method == "POST" else 200, _headers()

    def _page(self, form: NewPasswordForm | None, refusal: str) -> str:
        return self.render_template("account/reset.html", form=form, refusal=refusal)


def _headers() -> dict[str, str]:
    """Headers that prevent disclosure of the address, which contains the secret.

    Under `no-referrer` browsers send the form with the origin `null`, which counts as another site.
    """
    return {"Referrer-Policy": "strict-origin", "X-Robots-Tag": "noindex"}
