"""Transactions: the payments of sales. They stand on the page of their sale; this list is what waits for a manager."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select, true

from app.extensions import db
from app.gateways.storage import Upload
from app.panel.access import Access, permitted
from app.panel.displays import Chip
from app.panel.formatting import money_words
from app.panel.forms.builder import PanelForm
from app.panel.forms.doubts import answered_doubts
from app.panel.forms.fields import FilesField
from app.panel.view_models import ROW_KEY, Button, MenuItem, RecordAct
from app.panel.words import Card, Tab
from app.services.sale.transaction import add_transaction, change_transaction
from models.sale import STANDING, Sale
from models.transaction import Transaction, TransactionStatus
from views.sales.transaction.decisions import PaymentDecisions
from views.timelines.sales import PAYMENT_COLOURS

# The state that each decision needs.
_DECISIONS = {
    "verify": TransactionStatus.PENDING,
    "reject": TransactionStatus.PENDING,
    "pay_back": TransactionStatus.VERIFIED,
}
_VALUES = ("method", "amount", "reference", "bank", "due_on", "at")


def _pending() -> ColumnElement[bool]:
    return Transaction.status == TransactionStatus.PENDING


def _all() -> ColumnElement[bool]:
    return true()


class Transactions(PaymentDecisions):
    model = Transaction
    slug = "transactions"
    title, title_one = _l("Payments"), _l("payment")
    menu_order = 245
    icon = "credit-card"
    exclude_route_methods = {"download", "delete", "undo"}

    columns = (
        "sale",
        Chip("status", PAYMENT_COLOURS),
        "method",
        "amount",
        "reference",
        "at",
        "created_by",
    )
    labels = {"created_by": _l("Registered by")}
    card = Card(("amount", "method", "at"), chip="status")
    preload = ("status",)
    headline = (Chip("status", PAYMENT_COLOURS), "method", "amount", "at")
    details = (
        "sale",
        "method",
        "amount",
        "reference",
        "bank",
        "due_on",
        "at",
        "status",
        "reason",
        "decided_by",
        "decided_at",
        "created_by",
    )
    tabs = (
        Tab(
            "pending",
            _l("Waiting for verification"),
            _pending,
            counted=True,
            sort="at",
            empty=_l("No payment waits for verification."),
            empty_hint=_l("A payment stands here until a manager verifies or rejects it."),
            hides=("status",),
        ),
        Tab("all", _l("All"), _all),
    )
    search = ("sale",)
    search_hint = _l("Name or number …")
    filters = ("status", "method", "amount", "reference", "at")
    sortable = ("at", "amount")
    sort = "-at"
    form = ("sale", *_VALUES)
    edit_fields = _VALUES
    read_only = ("sale",)
    extra_fields = {"files": FilesField(_l("Receipt"))}
    attachments = True
    attach_right = "add"
    empty = _l("No payment yet")
    empty_hint = _l("Payments are added on the page of a sale.")

    roles = {
        "Consultant": Access.READ | Access.ADD,
        "SupportAgent": Access.READ | Access.ADD,
        "Manager": Access.WRITE | Access.TRAIL | Access.actions("verify", "reject", "pay_back"),
    }

    def list_buttons(self) -> Sequence[Button]:
        """No button: a payment is added on the page of its sale."""
        return []

    def may_edit(self, row: Any) -> bool:
        return super().may_edit(row) and row.status is TransactionStatus.PENDING

    def record_acts(self, row: Any) -> Sequence[RecordAct]:
        if row.status is not TransactionStatus.PENDING or not permitted(self, "can_verify"):
            return []
        url = f"{self.base_url}action/verify/{row.id}"
        return [RecordAct(_("Verify"), "check", url, "post", "dialog", primary=True, key="V")]

    def menu_kind(self, row: Any) -> Hashable:
        return row.status

    def own_items(self, row: Any) -> Sequence[MenuItem]:
        """Without the decisions that the state of the payment does not allow."""
        unfit = {
            f"{self.base_url}action/{name}/{ROW_KEY}"
            for name, state in _DECISIONS.items()
            if row.status is not state
        }
        if row.status is not TransactionStatus.PENDING:
            unfit.add(f"{self.base_url}edit/{ROW_KEY}")
        return [item for item in super().own_items(row) if item.url not in unfit]

    def preset(self, form: PanelForm) -> None:
        """Fill the form with the sale in the address and what is left of it."""
        key = request.args.get("sale", "")
        if not (key.isascii() and key.isdigit() and len(key) <= 18):
            return
        sale = db.session.scalar(select(Sale).where(Sale.id == int(key), Sale.status.in_(STANDING)))
        if sale is not None:
            form["sale"].data = sale
            form["amount"].data = sale.balance if sale.balance > 0 else None

    def after_save_url(self, item: Any) -> str:
        return f"/sales/show/{item.sale_id}"

    def store(self, item: Transaction, form: PanelForm, *, existing: bool) -> Transaction:
        for name in _VALUES:
            if name in form:
                form[name].populate_obj(item, name)
        if existing:
            change_transaction(item, money_words, sure=answered_doubts())
            return item
        item.sale = form["sale"].data
        add_transaction(item, money_words, sure=answered_doubts())
        uploads = [Upload(file.filename, file.stream) for file in form["files"].data or ()]
        self.attachment_service.attach(item, uploads)
        return item
