"""The member's sessions and login attempts."""

from __future__ import annotations

from flask import abort
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import row_key
from app.panel.action import Done
from app.panel.login_session import for_members, own_session
from app.panel.page import Page, PageAudience
from app.panel.responses import success
from app.services.account.login import logins_of
from app.services.account.session import end_other_sessions, end_session, sessions_of
from views.account.tabs import account_tabs


class AccountSessions(Page):
    """GET of /account/sessions/, POST of /end/<pk> and /end-others under it."""

    slug = "account/sessions"
    audience = PageAudience.MEMBERS
    title = _l("Sessions")

    @expose("/")
    @for_members
    def index(self) -> str:
        return self.render_template(
            "account/sessions.html",
            sessions=sessions_of(current_user.id),
            own=own_session().id,
            logins=logins_of(current_user.id),
            tabs=account_tabs("AccountSessions"),
            base_url=self.base_url,
        )

    @expose("/end/<pk>", methods=["POST"])
    @for_members
    def end(self, pk: str) -> Response:
        if not end_session(current_user.id, row_key(pk)):
            abort(404)
        db.session.commit()
        return success(Done(_("The session has ended.")), self.base_url)

    @expose("/end-others", methods=["POST"])
    @for_members
    def end_others(self) -> Response:
        ended = end_other_sessions(current_user.id, own_session().id)
        db.session.commit()
        words = ngettext("%(num)s other session has ended.", "%(num)s other sessions have ended.", ended)
        return success(Done(words), self.base_url)
