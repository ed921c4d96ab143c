"""The member's API tokens: created, shown once, and revoked."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import SelectField

from app.errors import DomainError
from app.extensions import db
from app.panel.access import row_key
from app.panel.action import Done
from app.panel.forms.builder import Filled, Length, PanelForm
from app.panel.forms.fields import ChoiceField, TextField
from app.panel.forms.reauthentication import require_recent_password
from app.panel.login_session import for_members
from app.panel.page import Page, PageAudience
from app.panel.responses import leave_toast, success
from app.services.account.token import make_token, revoke_token, tokens_of
from models.account import TokenScope
from models.member import Member
from views.account.tabs import account_tabs

_DAYS = ((30, _l("30 days")), (90, _l("90 days")), (365, _l("One year")))


def _days(raw: Any) -> int | None:
    """A number of days as the form sends it; `int` alone would also read «9_0»."""
    return int(raw) if str(raw).isascii() and str(raw).isdigit() else None


class TokenForm(PanelForm):
    name = TextField(
        _l("What it is for"),
        [Filled(_l("Please fill in this field.")), Length(max=80)],
        description=_l("A name by which you know it again, such as «site form»."),
    )
    scope = ChoiceField(_l("May"), kind=TokenScope, default=TokenScope.READ)
    days = SelectField(_l("Valid for"), choices=_DAYS, coerce=_days, default=90)


class AccountTokens(Page):
    """GET and POST of /account/tokens/, POST of /revoke/<pk> under it."""

    slug = "account/tokens"
    audience = PageAudience.MEMBERS
    title = _l("Tokens")

    @expose("/", methods=["GET", "POST"])
    @for_members
    def index(self) -> Any:
        form = TokenForm()
        if request.method == "GET":
            return self._page(form)
        require_recent_password()
        if not form.validate():
            return self._page(form), 422
        # Lock the member, so that parallel forms cannot exceed the maximum.
        locked = select(Member).where(Member.id == current_user.id).with_for_update(of=Member)
        member = db.session.scalars(locked).one()
        try:
            given = {"name": form.name.data, "scope": form.scope.data, "days": form.days.data}
            _row, secret = make_token(member, **given)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            return self._page(form), 422
        db.session.commit()
        leave_toast(Done(_("The token is made.")))
        return self._page(TokenForm(formdata=None), secret=secret)

    @expose("/revoke/<pk>", methods=["POST"])
    @for_members
    def revoke(self, pk: str) -> Response:
        member = db.session.get_one(Member, current_user.id)
        if not revoke_token(member, row_key(pk)):
            abort(404)
        db.session.commit()
        return success(Done(_("The token is revoked.")), self.base_url)

    def _page(self, form: TokenForm, *, secret: str = "") -> str:
        return self.render_template(
            "account/tokens.html",
            form=form,
            secret=secret,
            tokens=tokens_of(current_user.id),
            tabs=account_tabs("AccountTokens"),
            base_url=self.base_url,
        )

    @property
    def base_url(self) -> str:
        return f"{self.route_base}/"
