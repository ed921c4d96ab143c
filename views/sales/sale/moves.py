"""The moves of a sale: confirmed, delivered, cancelled, paid back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.errors import Conflict, DomainError
from app.extensions import db
from app.panel.access import lock_membership, requires, row_key
from app.panel.action import Done, action, counted
from app.panel.forms.builder import Filled, PanelForm
from app.panel.forms.fields import NoteField
from app.panel.responses import failure, success
from app.panel.section import Section
from app.services.sale.moves import move
from models.sale import Sale


class ReasonForm(PanelForm):
    reason = NoteField(_l("Reason"), [Filled(_l("Write the reason."))])


class SaleMoves(Section):
    """The actions that move a sale, and the undo of its delivery."""

    @action(
        _l("Confirm the sale"),
        icon="check",
        confirm=counted("%(num)s draft becomes a sale.", "%(num)s drafts become sales."),
        submit=counted("Confirm %(num)s sale", "Confirm %(num)s sales"),
    )
    def confirm_sale(self, rows: Sequence[Sale], _form: Any) -> Done:
        return self._move(rows, "confirm_sale", _("The sale is confirmed."))

    @action(
        _l("Delivered"),
        icon="truck-delivery",
        confirm=counted("%(num)s sale is marked as delivered.", "%(num)s sales are marked as delivered."),
        submit=counted("Mark %(num)s sale as delivered", "Mark %(num)s sales as delivered"),
    )
    def deliver(self, rows: Sequence[Sale], _form: Any) -> Done:
        undo_url = f"{self.base_url}{rows[0].id}/take-back-delivery" if len(rows) == 1 else None
        return self._move(rows, "deliver", _("The sale is delivered."), undo_url=undo_url)

    @action(
        _l("Cancel the sale"),
        icon="ban",
        confirm=counted(
            "%(num)s sale is cancelled for good; its waiting payments are rejected.",
            "%(num)s sales are cancelled for good; their waiting payments are rejected.",
        ),
        submit=counted("Cancel %(num)s sale", "Cancel %(num)s sales"),
        form=ReasonForm,
    )
    def cancel_sale(self, rows: Sequence[Sale], form: ReasonForm) -> Done:
        return self._move(rows, "cancel_sale", _("The sale is cancelled."), form.reason.data)

    @action(
        _l("Pay the sale back"),
        icon="arrow-back-up",
        confirm=counted(
            "All verified payments of %(num)s sale are marked as paid back, and the sale is closed.",
            "All verified payments of %(num)s sales are marked as paid back, and the sales are closed.",
        ),
        submit=counted("Pay %(num)s sale back", "Pay %(num)s sales back"),
        form=ReasonForm,
        bulk=False,
    )
    def refund_sale(self, rows: Sequence[Sale], form: ReasonForm) -> Done:
        return self._move(rows, "refund_sale", _("The sale is paid back."), form.reason.data)

    def _move(
        self,
        rows: Sequence[Sale],
        name: str,
        words: str,
        reason: str | None = None,
        undo_url: str | None = None,
    ) -> Done:
        """Move one sale, or several where a refusal of one does not stop the others."""
        if len(rows) == 1:
            move(rows[0], name, reason)
            return Done(words, undo_url)
        refused = {}
        for row in rows:
            try:
                move(row, name, reason)
            except Conflict as error:
                refused[row.id] = str(error)
        moved = len(rows) - len(refused)
        return Done(_("%(done)s of %(asked)s sales changed.", done=moved, asked=len(rows)), refused=refused)

    @expose("/<pk>/take-back-delivery", methods=["POST"])
    @requires("deliver")
    def take_back_delivery(self, pk: str) -> Response:
        lock_membership()
        sale = self.get_row(row_key(pk))
        try:
            move(sale, "take_back_delivery")
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self.base_url)
        return success(Done(_("The sale is not delivered any more.")), self.base_url)
