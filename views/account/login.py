"""Login, second step and logout."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.views import AuthDBView
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from app.errors import DomainError
from app.extensions import db
from app.panel.forms.builder import Filled, PanelForm
from app.panel.login_session import await_code, awaiting, enter, own_session
from app.panel.rates.groups import Group, limited
from app.services.account.login import LoginLocked, LoginRefused, check_password, note_login
from app.services.account.session import end_session, open_session
from app.services.account.totp import count_code_try, prove_code
from models.account import LoginOutcome
from models.member import Member
from views.account.tabs import begin_try, request_source

TOO_OLD, UNREADABLE, TOO_MANY = 400, 422, 429


class LoginForm(PanelForm):
    username = StringField(_l("User name"), [Filled(_l("Write your user name."))])
    password = PasswordField(_l("Password"), [Filled(_l("Write your password."))])


class CodeForm(PanelForm):
    code = StringField(_l("Code"), [Filled(_l("Write the code."))])


class Login(AuthDBView):
    """GET and POST of /login/ and /login/code, POST of /logout/."""

    @expose("/login/", methods=["GET", "POST"])
    @limited(write=Group.LOGIN)
    def login(self) -> Any:
        if current_user.is_authenticated:
            return redirect(self._get_safe_next_url())
        form = LoginForm()
        if not form.validate_on_submit():
            return self._page("login_db", form, status=UNREADABLE if request.method == "POST" else 200)
        try:
            return self._go_in(form.username.data, form.password.data)
        except LoginRefused as error:
            # Failed attempts are counted too.
            db.session.commit()
            status = TOO_MANY if isinstance(error, LoginLocked) else UNREADABLE
            return self._page("login_db", form, refusal=str(error), status=status)

    def _go_in(self, name: str, password: str) -> Response:
        target = request.args.get("next") or url_for("Home.index")
        member = check_password(begin_try(name), name, password, request_source())
        if member.totp_secret:
            db.session.commit()
            return await_code(member, target)
        return _enter(member, target)

    @expose("/login/code", methods=["GET", "POST"])
    @limited(write=Group.LOGIN)
    def code(self) -> Any:
        waiting = awaiting()
        member = db.session.get(Member, waiting[0]) if waiting else None
        if waiting is None or member is None:
            return redirect(url_for("Login.login"))
        form = CodeForm()
        if not form.validate_on_submit():
            return self._page("login_code", form, status=UNREADABLE if request.method == "POST" else 200)
        try:
            count_code_try(member)
            db.session.commit()
            prove_code(member, form.code.data)
        except DomainError as error:
            note_login(member, LoginOutcome.CODE, request_source())
            db.session.commit()
            status = TOO_MANY if isinstance(error, LoginLocked) else UNREADABLE
            return self._page("login_code", form, refusal=str(error), status=status)
        return _enter(member, waiting[1])

    def answer_old_form(self) -> Any:
        """The form with a new token; another window may have logged in or out meanwhile."""
        name = str(request.endpoint).rpartition(".")[2]
        if name == "logout":
            return None if current_user.is_authenticated else redirect(url_for("Login.login"))
        if current_user.is_authenticated:
            return redirect(self._get_safe_next_url())
        if name == "login":
            refusal = _("The page was open for too long. Write your password again and log in.")
            return self._page("login_db", LoginForm(), refusal=refusal, status=TOO_OLD)
        if awaiting() is None:
            return redirect(url_for("Login.login"))
        refusal = _("The page was open for too long. Write the code again and log in.")
        return self._page("login_code", CodeForm(), refusal=refusal, status=TOO_OLD)

    def _page(
        self, name: str, form: PanelForm, *, refusal: str = "", status: int
    ) -> tuple[str, int, dict[str, str]]:
        template = f"appbuilder/general/security/{name}.html"
        html = self.render_template(
            template, title=_("Log in"), form=form, refusal=refusal, appbuilder=self.appbuilder
        )
        return html, status, {"Cache-Control": "no-store"}

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Response:
        if current_user.is_authenticated:
            end_session(current_user.id, own_session().id)
            db.session.commit()
        logout_user()
        session.clear()
        return redirect(url_for("Login.login"))


def _enter(member: Member, target: str) -> Response:
    key = open_session(member, request_source())
    db.session.commit()
    return enter(member, key, target)
