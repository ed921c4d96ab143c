"""The choice of an organisation to act in."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import requires, row_key
from app.panel.login_session import own_session
from app.panel.section import Section
from app.services.organization import enter_organization, leave_organization


class Entering(Section):
    """POST of /enter/<pk> and /leave."""

    @expose("/enter/<pk>", methods=["POST"])
    @requires("enter")
    def enter(self, pk: str) -> Response:
        """Let this session act in the organisation; its actions are recorded there."""
        organization = self.get_row(row_key(pk))
        enter_organization(own_session(), organization)
        db.session.commit()
        flash(
            _("You act in %(name)s now; all that you see and do is recorded.", name=organization.name), "info"
        )
        return redirect(url_for("Home.index"))

    @expose("/leave", methods=["POST"])
    @requires("enter")
    def leave(self) -> Response:
        leave_organization(own_session())
        db.session.commit()
        flash(_("You act in no organisation any more."), "info")
        return redirect(self.base_url)
