"""Members who are switched off and on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import requires
from app.panel.action import Done, action, counted
from app.panel.section import Section
from app.services.member_activity import activate_member, deactivate_member
from models.member import Member
from views.organization.member.form import HandOverForm
from views.organization.member.rows import is_off, is_on


class MemberActivity(Section):
    """The actions that deactivate and activate members."""

    @action(
        _l("Deactivate"),
        icon="user-off",
        confirm=counted(
            "%(num)s member can no longer log in; the rows stay.",
            "%(num)s members can no longer log in; the rows stay.",
        ),
        submit=counted("Switch off %(num)s member", "Switch off %(num)s members"),
        form=HandOverForm,
        danger=True,
        name="remove",
        when=is_on,
    )
    def delete_rows(self, rows: Sequence[Member], form: HandOverForm | None) -> Done:
        heir = form.heir.data if form else None
        moved = sum(deactivate_member(row, current_user, hand_over_to=heir) for row in rows)
        db.session.commit()
        words = ngettext("%(num)s member is switched off.", "%(num)s members are switched off.", len(rows))
        if moved:
            words += " " + ngettext("%(num)s follow-up went over.", "%(num)s follow-ups went over.", moved)
        return Done(words)

    @action(
        _l("Activate"),
        icon="user-check",
        confirm=counted("%(num)s member can log in again.", "%(num)s members can log in again."),
        submit=counted("Switch on %(num)s member", "Switch on %(num)s members"),
        when=is_off,
    )
    def activate(self, rows: Sequence[Member], form: Any) -> Done:
        for row in rows:
            activate_member(row, current_user)
        db.session.commit()
        return Done(ngettext("%(num)s member is active.", "%(num)s members are active.", len(rows)))

    @expose("/undo/<batch>", methods=["POST"])
    @requires("delete")
    def undo(self, batch: str) -> Response:
        """Members are activated again, not restored."""
        abort(404)
