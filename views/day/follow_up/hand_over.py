"""Reassignment of follow-ups, and its undo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flask import abort
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.panel.access import lock_membership, requires, row_key
from app.panel.action import Done, action, counted
from app.panel.actor import member_id
from app.panel.records.undo import current_undo_batch, may_undo, record_undo, undo_batch_at
from app.panel.responses import failure, success
from app.panel.section import Section
from app.services.assignment.hand_over import hand_back, reassign_all
from models.follow_up import FollowUp
from models.member import Member
from views.consultant_form import ConsultantForm

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class HandOver(Section):
    """Reassign follow-ups and undo it; the time of the action identifies its rows in the ledger of assignments."""

    @action(
        _l("Reassign"),
        icon="users",
        confirm=counted(
            "%(num)s follow-up gets another consultant.", "%(num)s follow-ups get another consultant."
        ),
        submit=counted("Reassign %(num)s follow-up", "Reassign %(num)s follow-ups"),
        form=ConsultantForm,
    )
    def reassign(self, rows: Sequence[FollowUp], form: ConsultantForm) -> Done:
        by, at = db.session.get_one(Member, member_id()), current_undo_batch().at
        refusals = reassign_all(rows, form.chosen(), by=by, at=at)
        moved = len(rows) - len(refusals)
        words = ngettext("%(num)s follow-up reassigned.", "%(num)s follow-ups reassigned.", moved)
        if refusals:
            words = f"{words} {next(iter(refusals.values()))}"
        return Done(words, f"{self.base_url}hand-back/{(at - _BEGINNING) // _MICROSECOND}", refusals)

    @expose("/hand-back/<moment>", methods=["POST"])
    @requires("reassign")
    def hand_back(self, moment: str) -> Response:
        lock_membership()
        try:
            act = undo_batch_at(_BEGINNING + row_key(moment) * _MICROSECOND)
            returned = hand_back(act.at, by=db.session.get_one(Member, member_id())) if may_undo(act) else 0
        except OverflowError:
            abort(404)
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self.base_url)
        if not returned:
            return failure(_("It is too late to take this back; ask your manager."), self.base_url)
        record_undo(act)
        db.session.commit()
        words = ngettext("%(num)s follow-up handed back.", "%(num)s follow-ups handed back.", returned)
        return success(Done(words), self.base_url)
