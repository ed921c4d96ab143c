"""The assignment of orders: to one consultant, or in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.extensions import db
from app.panel.action import Done, action, counted
from app.panel.actor import member_id
from app.panel.records.undo import current_undo_batch
from app.services.assignment.assign import assign, assign_all, assign_in_turn
from models.member import Member
from models.order import Order, OrderStatus
from views.consultant_form import ConsultantForm
from views.hand_over import HandOver
from views.known_customer import KnownCustomers
from views.sales.order.turns import TurnsForm, preview_turns, turns_result


class Assigning(KnownCustomers, HandOver):
    """The actions that assign orders."""

    @action(
        _l("Assign"),
        icon="user-check",
        confirm=counted("%(num)s order goes to a consultant.", "%(num)s orders go to a consultant."),
        submit=counted("Assign %(num)s order", "Assign %(num)s orders"),
        form=ConsultantForm,
    )
    def assign(self, rows: Sequence[Order], form: ConsultantForm) -> Done:
        by, at, member = db.session.get_one(Member, member_id()), current_undo_batch().at, form.chosen()
        if len(rows) == 1:
            assign(rows[0], member, by=by, at=at)
            given = {rows[0].id}
        else:
            given = assign_all(rows, member, by=by, at=at)
        return self._assigned(rows, given, member, at)

    @action(
        _l("Assign in turn"),
        icon="arrows-shuffle",
        confirm=counted(
            "%(num)s order goes to the consultants who are present.",
            "%(num)s orders go to the consultants who are present.",
        ),
        submit=counted("Assign %(num)s order", "Assign %(num)s orders"),
        form=TurnsForm,
        foresee=preview_turns,
    )
    def assign_in_turn(self, rows: Sequence[Order], form: TurnsForm | None) -> Done:
        waiting = [row for row in rows if row.status is OrderStatus.NEW]
        by, at = db.session.get_one(Member, member_id()), current_undo_batch().at
        given = assign_in_turn(waiting, by=by, at=at)
        return replace(turns_result(rows, given, form), undo_url=self.undo_url(at) if given else None)

    def _assigned(self, rows: Sequence[Order], given: set[int], member: Member, at: datetime) -> Done:
        undo_url, tally = self.undo_url(at) if given else None, {member.full_name: len(given)}
        if len(given) == len(rows):
            words = ngettext("%(num)s order assigned.", "%(num)s orders assigned.", len(given))
            return Done(words, undo_url, tally=tally)
        words = _(
            "%(given)s of %(asked)s orders assigned; the others did not wait for anybody.",
            given=len(given),
            asked=len(rows),
        )
        reason = _("This order does not wait for anybody.")
        refused = {row.id: reason for row in rows if row.id not in given}
        return Done(words, undo_url, refused, tally)
