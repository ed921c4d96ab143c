"""Sales: what was sold and what is paid of it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, true

from app.errors import Conflict
from app.panel.access import Access, permitted_section
from app.panel.displays import Chip, Computed
from app.panel.timeline import Timeline
from app.panel.view_models import ROW_KEY, Button, MenuItem, RecordAct
from app.panel.words import Card, Tab
from app.services.sale.change import EDITABLE
from app.services.sale.moves import MOVES, lock_sale, may_move
from models.sale import STANDING, Sale
from views import groups
from views.sales.sale.address import SaleAddress
from views.sales.sale.form import ADDED, CHANGED, FIELDS, SaleForms
from views.sales.sale.moves import SaleMoves
from views.sales.sale.page import SALE_PAGE, sale_parts, support_url
from views.sales.sale.papers import SalePapers
from views.sold import SOLD, balance_words
from views.timelines.messages import RECEIVED, SENT
from views.timelines.orders import ORDERS
from views.timelines.sales import COLOURS


def _all() -> ColumnElement[bool]:
    return true()


def _owing() -> ColumnElement[bool]:
    return Sale.status.in_(STANDING) & (Sale.balance > 0)


class Sales(SaleMoves, SaleForms, SaleAddress, SalePapers):
    model = Sale
    slug = "sales"
    rest = True
    title, title_one = _l("Sales of the organisation"), _l("sale")
    group, icon, menu_order = groups.SALES, "receipt", 240
    menu_right = "edit"
    exclude_route_methods = {"download"}

    columns = (
        "customer",
        "customer.mobile",
        Chip("status", COLOURS),
        "amount",
        Computed("balance", balance_words, reads=("status",)),
        "consultant",
        "sold_at",
    )
    optional_columns = ("discount", "paid", "invoice_number", "proforma_number", "customer.city", "order")
    card = Card(("amount", "balance", "sold_at"), chip="status", call="customer.mobile")
    preload = ("status", "paid", "invoice_number", "proforma_number")
    headline = (Chip("status", COLOURS), "sold_at", "customer.mobile", "consultant")
    details = (
        "customer",
        "order",
        "consultant",
        "sold_at",
        "invoice_number",
        "invoice_at",
        "proforma_number",
        "reason",
    )
    timeline = Timeline(SENT, RECEIVED, ORDERS)
    tabs = (
        Tab("all", _l("All"), _all),
        Tab(
            "owing",
            _l("With a balance"),
            _owing,
            counted=True,
            empty=_l("Every sale is settled."),
            empty_hint=_l("A sale that is not paid in full stands here."),
        ),
    )
    search = ("customer",)
    search_hint = _l("Name or number …")
    filters = ("status", "consultant", "sold_at", "amount", "balance", "invoice_number", "customer.city")
    sortable = ("sold_at", "amount", "balance")
    sort = "-sold_at"
    lines = SOLD
    form, edit_fields, extra_fields = ADDED, CHANGED, FIELDS
    owner_right = "add"
    read_only = ("customer", "amount", "status")
    attachments = True
    record_template = SALE_PAGE
    empty = _l("No sale yet")
    empty_hint = _l("A result that means a purchase makes a sale.")
    right_labels = {"issue": _l("Issue invoices"), "proforma": _l("Issue pro-formas")}

    roles = {
        "Consultant": Access.READ | Access.actions("proforma"),
        "SupportAgent": Access.READ,
        "Manager": Access.FULL
        | Access.TRAIL
        | Access.EXPORT
        | Access.actions("proforma", "issue", "confirm_sale", "deliver", "cancel_sale", "refund_sale"),
    }

    def get_row(self, pk: int, *parents: str) -> Any:
        """The row; its page gets the delivery address with it."""
        return super().get_row(pk, *parents, *(("address",) if parents else ()))

    def person_of(self, row: Any) -> Any:
        return row.customer

    def record_parts(self, row: Sale) -> dict[str, Any]:
        may_edit = self.may_edit(row)
        return sale_parts(row, f"{self.base_url}{row.id}/address" if may_edit else None)

    def may_edit(self, row: Any) -> bool:
        return super().may_edit(row) and row.status in EDITABLE

    def after_save_url(self, item: Any) -> str:
        return f"{self.base_url}show/{item.id}"

    def record_acts(self, row: Sale) -> Sequence[RecordAct]:
        acts = []
        if (support := support_url(row)) is not None:
            words = _("Register support")
            acts.append(
                RecordAct(words, "headset", support, opens="panel", primary=True, key="R", short=_("Support"))
            )
        if row.status in STANDING and permitted_section("transactions", "can_add"):
            url, words, first = f"/transactions/add?sale={row.id}", _("Add a payment"), not acts
            acts.append(RecordAct(words, "plus", url, primary=first, key="A", short=_("Payment")))
        acts += self.paper_acts(row)[:1]
        if permitted_section("customers", "can_sms"):
            url = f"/campaigns/send/customers/{row.customer_id}"
            acts.append(RecordAct(_("SMS"), "message", url, "post", "dialog", key="S"))
        return acts

    def list_buttons(self) -> Sequence[Button]:
        buttons = list(super().list_buttons())
        if permitted_section("transactions", "can_list"):
            buttons.append(Button(_("Payments"), "credit-card", "/transactions/?tab=pending"))
        return buttons

    def menu_kind(self, row: Any) -> Hashable:
        papers = tuple(act.url for act in self.paper_acts(row, ROW_KEY))
        return papers, self.may_edit(row), *(name for name in MOVES if may_move(row, name))

    def own_items(self, row: Any) -> Sequence[MenuItem]:
        """With the papers of the sale, and without what its state does not allow."""
        unfit = {f"{self.base_url}action/{name}/{ROW_KEY}" for name in MOVES if not may_move(row, name)}
        if not self.may_edit(row):
            unfit.add(f"{self.base_url}edit/{ROW_KEY}")
        items = [item for item in super().own_items(row) if item.url not in unfit]
        return [*items, *(MenuItem(act.label, act.icon, act.url) for act in self.paper_acts(row, ROW_KEY))]

    def check_deletion(self, item: Sale) -> None:
        """Refuse a sale with an invoice, whose number would be missing in the series."""
        # Locked, since an invoice may be issued at the same time.
        if lock_sale(item.id).invoice_number is not None:
            raise Conflict(_l("A sale with an invoice can't be deleted; cancel it instead."))
