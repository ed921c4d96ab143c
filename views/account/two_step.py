"""The second login step: a device for codes (TOTP), and recovery codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import segno
from cryptography.exceptions import InvalidTag
from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from app.extensions import db
from app.gateways import crypto
from app.panel.forms.builder import Filled, PanelForm
from app.panel.forms.reauthentication import require_recent_password
from app.panel.login_session import for_members
from app.panel.page import Page, PageAudience
from app.services.account.totp import (
    CodeRefused,
    disable_totp,
    enable_totp,
    new_secret,
    provisioning_uri,
    renew_codes,
)
from views.account.duty import needs_totp
from views.account.tabs import account_tabs


class DeviceForm(PanelForm):
    # The encrypted secret, which is stored only after the member has entered a correct code.
    sealed = HiddenField()
    code = StringField(
        _l("Code of the device"),
        [Filled(_l("Write the code."))],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "dir": "ltr"},
    )


class AccountTwoStep(Page):
    """GET and POST of /account/two-step/, POST of /off and /codes under it."""

    slug = "account/two-step"
    audience = PageAudience.MEMBERS
    title = _l("Two-step login")

    @expose("/", methods=["GET", "POST"])
    @for_members
    def index(self) -> Any:
        require_recent_password()
        form = DeviceForm()
        if request.method == "POST" and form.validate() and not current_user.totp_secret:
            try:
                codes = enable_totp(current_user, _opened(form.sealed.data), form.code.data)
                db.session.commit()
            except CodeRefused as error:
                db.session.rollback()
                form.refuse(error)
            else:
                flash(_("The second step is switched on."), "success")
                return self._page(None, codes)
        return self._page(form)

    def _page(self, form: DeviceForm | None, codes: Sequence[str] = ()) -> str | tuple[str, int]:
        secret = ""
        if form is not None and not current_user.totp_secret:
            secret = _opened(form.sealed.data)
            form.sealed.data = crypto.encrypt(secret)
        html = self.render_template(
            "account/two_step.html",
            form=form,
            secret=secret,
            picture=_picture(secret),
            codes=codes,
            is_on=bool(current_user.totp_secret),
            must_stay=needs_totp(),
            tabs=account_tabs("AccountTwoStep"),
            base_url=self.base_url,
        )
        return (html, 422) if form is not None and form.errors else html

    @expose("/off", methods=["POST"])
    @for_members
    def off(self) -> Response:
        require_recent_password()
        if not needs_totp():
            disable_totp(current_user)
            db.session.commit()
            flash(_("The second step is switched off."), "success")
        return redirect(self.base_url)

    @expose("/codes", methods=["POST"])
    @for_members
    def codes(self) -> Any:
        require_recent_password()
        if not current_user.totp_secret:
            return redirect(self.base_url)
        codes = renew_codes(current_user)
        db.session.commit()
        flash(_("New codes are made; the former ones open nothing any more."), "success")
        return self._page(None, codes)


def _opened(sealed: str | None) -> str:
    """The decrypted secret of the page; a new one when it is missing or invalid."""
    try:
        return crypto.decrypt(sealed) if sealed else new_secret()
    except (InvalidTag, ValueError):
        return new_secret()


def _picture(secret: str) -> str:
    """The QR code as a data URL."""
    if not secret:
        return ""
    uri = provisioning_uri(current_user, secret, issuer=_("Ava"))
    return str(segno.make(uri, error="m").svg_data_uri(scale=5, dark="#1c1917", light="#ffffff"))
