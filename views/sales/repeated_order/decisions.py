"""The decisions of managers on repeated orders, and their undo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from flask import abort
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import permitted, requires
from app.panel.action import Done, action, counted
from app.panel.actor import member_id
from app.panel.records.undo import current_undo_batch
from app.services.assignment.undo import Undone
from app.services.order.decide import attach, give_to_same_consultant, release
from app.services.order.decide_undo import undo_decisions
from app.services.order.first_work import first_work
from models.member import Member
from models.order import Order
from views.sales.repeated_order.questions import ask_attach, ask_release, ask_same_consultant
from views.sales.repeated_order.rows import can_attach, can_go_back, can_release
from views.undone_acts import Outcome, UndoneActs, stayed

DECISIONS = ("attach", "same_consultant", "not_repeat")


class Decisions(UndoneActs):
    """The actions that decide on a repeat, and the route of their undo."""

    too_late: ClassVar = _l("It is too late to take this back; ask your manager.")

    @action(
        _l("Join the follow-up"),
        icon="link",
        confirm=counted("%(num)s order is attached.", "%(num)s orders are attached."),
        submit=counted("Attach %(num)s order", "Attach %(num)s orders"),
        ask=ask_attach,
        when=can_attach,
        on_row=True,
        rest=True,
        name="attach",
    )
    def attach_rows(self, rows: Sequence[Order], form: Any) -> Done:
        by, at = _actor(), current_undo_batch().at
        attach(rows, by=by, at=at)
        words = ngettext("%(num)s order attached.", "%(num)s orders attached.", len(rows))
        return Done(words, self._undo_url("attach", at))

    @action(
        _l("Same consultant"),
        icon="user-check",
        confirm=counted("%(num)s order is given back.", "%(num)s orders are given back."),
        submit=counted("Give %(num)s order to its consultant", "Give %(num)s orders to their consultants"),
        ask=ask_same_consultant,
        when=can_go_back,
        on_row=True,
        rest=True,
    )
    def same_consultant(self, rows: Sequence[Order], form: Any) -> Done:
        by, at = _actor(), current_undo_batch().at
        give_to_same_consultant(rows, first_work(rows), by=by, at=at)
        words = ngettext(
            "%(num)s order given to the same consultant.",
            "%(num)s orders given to the same consultants.",
            len(rows),
        )
        return Done(words, self._undo_url("same_consultant", at))

    @action(
        _l("No repeat"),
        icon="copy-off",
        confirm=counted("%(num)s order is no repeat.", "%(num)s orders are no repeats."),
        submit=counted("%(num)s order is no repeat", "%(num)s orders are no repeats"),
        ask=ask_release,
        when=can_release,
        on_row=True,
        rest=True,
    )
    def not_repeat(self, rows: Sequence[Order], form: Any) -> Done:
        by, at = _actor(), current_undo_batch().at
        release(rows, by=by, at=at)
        words = ngettext("%(num)s order went into the tray.", "%(num)s orders went into the tray.", len(rows))
        return Done(words, self._undo_url("not_repeat", at))

    def _undo_url(self, name: str, at: datetime) -> str:
        return self.undo_address(f"undo-decision/{name}", at)

    @expose("/undo-decision/<string:name>/<moment>", methods=["POST"])
    @requires("list")
    def undo_decision(self, name: str, moment: str) -> Response:
        """Undo the decisions of one act, by the member who took them, within ten minutes."""
        if name not in DECISIONS:
            abort(404)
        if not permitted(self, f"can_{name}"):
            abort(403)
        return self.undo_act_at(moment, lambda at: _outcome(undo_decisions(at, by=_actor())))


def _actor() -> Member:
    return db.session.get_one(Member, member_id())


def _outcome(undone: Undone) -> Outcome:
    words = ngettext("%(num)s decision undone.", "%(num)s decisions undone.", undone.count)
    return Outcome(words if undone.count else "", stayed(undone.left, undone.named))
