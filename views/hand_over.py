"""Assignment of work to another consultant, and the undo of all assignments, shared by the sections that show work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

import app.services.assignment.deleted_work  # noqa: F401 - for its listeners
from app.errors import DomainError
from app.extensions import db
from app.panel.access import permitted, requires
from app.panel.action import Done, action, counted
from app.panel.actor import member_id
from app.panel.records.undo import current_undo_batch
from app.services.assignment.hand_over import reassign_all
from app.services.assignment.undo import Undone, undo_assignments
from models.follow_up import FollowUp
from models.member import Member
from views.consultant_form import ConsultantForm
from views.undone_acts import Outcome, UndoneActs, stayed


class HandOver(UndoneActs):
    """The action that reassigns the work of rows, and its undo.

    The time of an action identifies its lines in the ledger of assignments.
    """

    too_late: ClassVar = _l("It is too late to take this back; ask your manager.")

    @action(
        _l("Assign to …"),
        icon="users",
        confirm=counted(
            "%(num)s %(what)s gets another consultant.",
            "%(num)s %(what)s get another consultant.",
        ),
        submit=counted("Reassign %(num)s %(what)s", "Reassign %(num)s %(what)s"),
        form=ConsultantForm,
    )
    def reassign(self, rows: Sequence[Any], form: ConsultantForm) -> Done:
        by, member, at = db.session.get_one(Member, member_id()), form.chosen(), current_undo_batch().at
        work = self.work_of(rows)
        follow_ups = [each for of_row in work.values() for each in of_row]
        if not follow_ups:
            raise DomainError(_nobody_works(len(rows)))
        reasons = reassign_all(follow_ups, member, by=by, at=at)
        moved = len(follow_ups) - len(reasons)
        refused = {row.id: reason for row in rows if (reason := _refusal(work.get(row.id, ()), reasons))}
        words = ngettext(
            "%(num)s follow-up went to %(who)s.",
            "%(num)s follow-ups went to %(who)s.",
            moved,
            who=member.full_name,
        )
        if refused:
            words = f"{words} {stayed(len(refused), next(iter(refused.values())))}"
        return Done(words, self.undo_url(at), refused, tally={member.full_name: moved})

    def work_of(self, rows: Sequence[Any]) -> Mapping[int, Sequence[FollowUp]]:
        """The open follow-ups by the key of their row: the customer's or the order's, as `owners` leads to it."""
        key = f"{self.owners.of.key}_id" if self.owners else "id"
        statement = select(FollowUp).where(getattr(FollowUp, key).in_([row.id for row in rows]))
        found: dict[int, list[FollowUp]] = {}
        for each in db.session.scalars(statement.where(FollowUp.not_closed()).order_by(FollowUp.id)):
            found.setdefault(getattr(each, key), []).append(each)
        return found

    def undo_url(self, at: datetime) -> str | None:
        """The address that undoes the assignment of the moment *at*; None where the member may not use it."""
        return self.undo_address("hand-back", at) if permitted(self, "can_reassign") else None

    @expose("/hand-back/<moment>", methods=["POST"])
    @requires("reassign")
    def hand_back(self, moment: str) -> Response:
        by = db.session.get_one(Member, member_id())
        return self.undo_act_at(moment, lambda at: _outcome(undo_assignments(at, by=by)))


def _refusal(follow_ups: Sequence[FollowUp], reasons: Mapping[int, str]) -> str | None:
    """Why none of the row's follow-ups moved; None where one did."""
    if not follow_ups:
        return _("No open follow-up.")
    why = [reasons.get(each.id) for each in follow_ups]
    return why[0] if all(why) else None


def _nobody_works(count: int) -> str:
    return ngettext("No open follow-up.", "None of these has an open follow-up.", count)


def _outcome(undone: Undone) -> Outcome:
    words = ngettext("%(num)s assignment undone.", "%(num)s assignments undone.", undone.count)
    return Outcome(words if undone.count else "", stayed(undone.left, undone.named))
