"""The decisions of managers on payments: verified, rejected, paid back."""

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
from app.panel.formatting import money_words
from app.panel.forms.builder import Filled, PanelForm
from app.panel.forms.fields import NoteField
from app.panel.responses import failure, success
from app.panel.section import Section
from app.services.sale.transaction import pay_back, reject, take_back_verification, verify
from models.transaction import Transaction


class ReasonForm(PanelForm):
    reason = NoteField(_l("Reason"), [Filled(_l("Write the reason."))])


class PaymentDecisions(Section):
    """The actions that decide on payments, and the undo of a verification."""

    @action(
        _l("Verify"),
        icon="check",
        confirm=counted("%(num)s payment counts as received.", "%(num)s payments count as received."),
        submit=counted("Verify %(num)s payment", "Verify %(num)s payments"),
    )
    def verify(self, rows: Sequence[Transaction], _form: Any) -> Done:
        if len(rows) == 1:
            over = verify(rows[0])
            words = _("The payment is verified.")
            if over:
                words = _(
                    "The payment is verified; the sale is overpaid by %(over)s.", over=money_words(over)
                )
            return Done(words, f"{self.base_url}{rows[0].id}/take-back")
        return _several(rows, verify, _("%(done)s of %(asked)s payments verified."))

    @action(
        _l("Reject"),
        icon="x",
        confirm=counted("%(num)s payment is rejected.", "%(num)s payments are rejected."),
        submit=counted("Reject %(num)s payment", "Reject %(num)s payments"),
        form=ReasonForm,
    )
    def reject(self, rows: Sequence[Transaction], form: ReasonForm) -> Done:
        if len(rows) == 1:
            reject(rows[0], form.reason.data)
            return Done(_("The payment is rejected."))
        return _several(
            rows, lambda row: reject(row, form.reason.data), _("%(done)s of %(asked)s payments rejected.")
        )

    @action(
        _l("Pay back"),
        icon="arrow-back-up",
        confirm=counted(
            "%(num)s payment is marked as paid back as a whole.",
            "%(num)s payments are marked as paid back as a whole.",
        ),
        submit=counted("Pay %(num)s payment back", "Pay %(num)s payments back"),
        form=ReasonForm,
        bulk=False,
    )
    def pay_back(self, rows: Sequence[Transaction], form: ReasonForm) -> Done:
        pay_back(rows[0], form.reason.data)
        return Done(_("The payment is paid back."))

    @expose("/<pk>/take-back", methods=["POST"])
    @requires("verify")
    def take_back(self, pk: str) -> Response:
        lock_membership()
        transaction = self.get_row(row_key(pk))
        url = self.after_save_url(transaction)
        try:
            take_back_verification(transaction)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), url)
        return success(Done(_("The payment waits for verification again.")), url)


def _several(rows: Sequence[Transaction], decide: Any, words: str) -> Done:
    """Decide on several payments, where a refusal of one does not stop the others."""
    refused = {}
    # By sale, so that two managers lock sales in the same order.
    for row in sorted(rows, key=lambda each: (each.sale_id, each.id)):
        try:
            decide(row)
        except Conflict as error:
            refused[row.id] = str(error)
    return Done(words % {"done": len(rows) - len(refused), "asked": len(rows)}, refused=refused)
