"""Acts of the support on many tickets: they are closed, or given to an operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_appbuilder import expose
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import SelectField

from app.extensions import db
from app.lib.digits import parse_int
from app.panel.access import requires
from app.panel.action import Done, action, counted
from app.panel.forms.builder import PanelForm
from app.panel.records.undo import current_undo_batch
from app.services.act import Undone
from app.services.ticket.many import CLOSED, OPERATOR, assign_tickets, close_tickets, undo_on_tickets
from app.services.ticket.people import operators
from models.messages.thread import Thread, ThreadStatus
from views.day.ticket.page import TicketRoutes
from views.undone_acts import Outcome, UndoneActs, stayed


class OperatorForm(PanelForm):
    operator = SelectField(_l("Operator"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = db.session.scalars(operators())
        self.operator.choices = [
            ("0", str(_("Nobody yet"))),
            *((str(each.id), each.full_name) for each in found),
        ]


def _why_not(ticket: Thread) -> LazyString | None:
    return _l("It is closed already.") if ticket.status is ThreadStatus.CLOSED else None


class ManyTickets(UndoneActs, TicketRoutes):
    """POST of /hand-back/<moment> and /reopen-many/<moment>; all need the right to assign, which the support alone has."""

    @action(
        _l("Assign to …"),
        icon="users",
        confirm=counted("%(num)s %(what)s gets another operator.", "%(num)s %(what)s get another operator."),
        submit=counted("Assign %(num)s %(what)s", "Assign %(num)s %(what)s"),
        form=OperatorForm,
        right="assign",
    )
    def assign_many(self, rows: Sequence[Thread], form: OperatorForm) -> Done:
        chosen = parse_int(form.operator.data) or None
        at = current_undo_batch().at
        moved = assign_tickets(rows, chosen, at=at)
        words = ngettext("%(num)s ticket is assigned.", "%(num)s tickets are assigned.", moved)
        return Done(words, self.undo_address("hand-back", at) if moved else None)

    @action(
        _l("Close the ticket"),
        icon="archive",
        confirm=counted(
            "%(num)s %(what)s is closed as solved. Each new answer opens it again.",
            "%(num)s %(what)s are closed as solved. Each new answer opens one again.",
        ),
        submit=counted("Close %(num)s %(what)s", "Close %(num)s %(what)s"),
        when=_why_not,
        right="assign",
    )
    def close_many(self, rows: Sequence[Thread], form: None) -> Done:
        at = current_undo_batch().at
        closed = close_tickets(rows, at=at)
        words = ngettext("%(num)s ticket is closed.", "%(num)s tickets are closed.", closed)
        return Done(words, self.undo_address("reopen-many", at) if closed else None)

    @expose("/hand-back/<moment>", methods=["POST"])
    @requires("assign")
    def hand_back(self, moment: str) -> Response:
        """Give the tickets of the act of *moment* back to their former operators."""
        return self._undo(OPERATOR, moment)

    @expose("/reopen-many/<moment>", methods=["POST"])
    @requires("assign")
    def reopen_many(self, moment: str) -> Response:
        """Open the tickets again that the act of *moment* closed."""
        return self._undo(CLOSED, moment)

    def _undo(self, column: str, moment: str) -> Response:
        return self.undo_act_at(moment, lambda at: _outcome(undo_on_tickets(self.statement(), column, at)))


def _outcome(undone: Undone) -> Outcome:
    number = len(undone.keys)
    words = ngettext("%(num)s ticket is as it was.", "%(num)s tickets are as they were.", number)
    return Outcome(words if number else "", stayed(len(undone.reasons), undone.first_reason))
