"""Support: the sales with their last support result, and the entries that are registered on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, or_, select, true

from app.panel.access import Access, permitted, permitted_section
from app.panel.action import Done
from app.panel.displays import Chip, Computed, RelativeTime
from app.panel.queries.moments import midnight
from app.panel.side import SidePanel
from app.panel.timeline import Timeline
from app.panel.view_models import ROW_KEY, MenuItem, RecordAct
from app.panel.words import Card, Tab
from app.services.result import Result
from app.services.sms.campaign.recipients import Selection
from app.services.support import ENTRIES, record_support, undo_support
from models.attachment import Attachment
from models.result_title import ResultScope
from models.sale import Sale
from models.sms.campaign import Audience
from models.support import SupportEntry
from views import groups
from views.results.form import ResultForm
from views.results.section import Results
from views.sales.support.facts import latest, name_of, purchases, who
from views.sold import balance_words
from views.timelines.support import SUPPORT

_SUPPORTED = select(Sale).where(Sale.is_supported())
# The pages of sales, which show payments and address too.
_SALES = "/sales/"


def _fresh() -> ColumnElement[bool]:
    return Sale.last_support_result_id.is_(None)


def _due() -> ColumnElement[bool]:
    """The next contact is due today (in Tehran) or was due earlier."""
    return Sale.support_next_at < midnight(1)


def _colour_of(row: Any) -> str:
    return str(row.last_support_result.colour.value) if row.last_support_result else "gray"


def _result_words(row: Any) -> str | None:
    return None if row.last_support_result else _("Register support")


def _purchase_of(row: Any) -> str | None:
    found: str | None = getattr(row, "purchase", None)
    return found


class Support(Results):
    model = Sale
    slug = "support"
    rest = True
    title, title_one = _l("Support"), _l("sale")
    group, icon, menu_order = groups.SALES, "headset", 250
    in_bottom_bar = True
    exclude_route_methods: ClassVar[set[str]] = {
        "download", "add", "edit", "inline_edit", "delete", "undo", "action",
    }  # fmt: skip

    result_scope = ResultScope.SUPPORT
    columns = (
        "customer",
        "customer.mobile",
        Chip("last_support_result", _colour_of, text=_result_words, reads=("last_support_result.colour",)),
        Computed("order.product", _purchase_of),
        Computed("balance", balance_words, reads=("status",)),
        "consultant",
        RelativeTime("support_next_at", when="is_support_due", reads=("is_support_due",)),
    )
    optional_columns = ("amount", "status", "sold_at", "discount", "paid")
    card = Card(("order.product", "support_next_at"), chip="last_support_result", call="customer.mobile")
    panel = SidePanel(
        form=ResultForm,
        who=who,
        timeline=latest,
        right=_l("Register support"),
        label=_l("Register support"),
        next=frozenset({"new", "due"}),
        parents=("customer", "consultant"),
        watch=_l("Your note is not registered yet. Close the panel?"),
        template="results/_fields.html",
        chip="last_support_result",
    )
    labels = {"order.product": _l("Purchase"), "sold_at": _l("Sold at")}
    preload = ("last_support_result.colour", "status")
    headline = ("customer.mobile", "status", "sold_at", "consultant")
    timeline = Timeline(SUPPORT)
    details = (
        "customer",
        "customer.mobile",
        "order.product",
        "amount",
        "discount",
        "balance",
        "status",
        "sold_at",
        "consultant",
        "address",
        "last_support_result",
        "support_next_at",
    )
    tabs = (
        Tab(
            "new",
            _l("Fresh"),
            _fresh,
            counted=True,
            sort="id",
            empty=_l("No sale waits for its first support."),
            empty_hint=_l("A sale stands here until its first support is registered."),
            hides=("last_support_result", "support_next_at"),
        ),
        Tab(
            "due",
            _l("Needs a call"),
            _due,
            counted=True,
            sort="support_next_at",
            empty=_l("Nobody waits for a call today."),
            empty_hint=_l("A sale comes here on the day of its next contact."),
        ),
        Tab("all", _l("All"), true),
    )
    search = ("customer",)
    search_hint = _l("Name or number …")
    filters = ("last_support_result", "consultant", "support_next_at", "sold_at")
    sortable = ("support_next_at",)
    attachments = True
    attach_right = "record"
    empty = _l("No sale to support yet")
    empty_hint = _l("A sale comes here as soon as it is confirmed.")

    roles = {
        "Manager": Access.READ | Access.TRAIL | Access.EXPORT | Access.actions("record"),
        "SupportAgent": Access.READ | Access.actions("record"),
        "Consultant": Access.READ | Access.actions("record"),
    }

    def statement(self) -> Select[Any]:
        """Neither drafts nor cancelled sales."""
        return _SUPPORTED

    def complete(self, rows: Sequence[Any]) -> None:
        """Add what was bought."""
        words = purchases(rows)
        for row in rows:
            row.purchase = words.get(row.id)

    def row_colour(self, row: Any) -> str | None:
        return str(row.last_support_result.colour.value) if row.last_support_result else None

    def person_of(self, row: Any) -> Any:
        return row.customer

    def row_menu(self, row: Any) -> Sequence[MenuItem]:
        panel = f"{self.base_url}{ROW_KEY}/panel"
        items = [MenuItem(_("Earlier entries"), "history", f"{panel}#history", opens="panel")]
        if permitted(self, "can_record"):
            items.insert(0, MenuItem(_("Register support"), "headset", panel, opens="panel"))
        if permitted_section("sales", "can_show") is not None:
            items.append(MenuItem(_("Details of the sale"), "receipt", f"{_SALES}show/{ROW_KEY}"))
        return [*items, *self.own_items(row)]

    def panel_items(self, row: Sale) -> list[MenuItem]:
        """An SMS to the customer, for members who may send one to customers."""
        items = super().panel_items(row)
        if permitted_section("customers", "can_sms") is None:
            return items
        url = f"/campaigns/send/customers/{row.customer_id}"
        return [MenuItem(_("Send SMS"), "message", url, "post", "dialog"), *items]

    def record_acts(self, row: Any) -> Sequence[RecordAct]:
        acts = super().record_acts(row)
        if permitted_section("sales", "can_show") is not None:
            words = _("Details of the sale")
            acts = [*acts, RecordAct(words, "receipt", f"{_SALES}show/{row.id}", short=_("Sale"))]
        if not permitted(self, "can_record"):
            return acts
        url = f"{self.base_url}{row.id}/panel"
        return [*acts, RecordAct(_("Register support"), "headset", url, opens="panel", key="R")]

    def files_of(self, row: Sale) -> ColumnElement[bool]:
        """The files of the sale and of its support entries."""
        entries = select(SupportEntry.id).where(SupportEntry.sale_id == row.id)
        return or_(super().files_of(row), Attachment.support_entry_id.in_(entries))

    def name_of(self, row: Sale) -> str:
        return name_of(row)

    def recorded_words(self, who: str) -> str:
        return _("The support for %(who)s is recorded.", who=who)

    def record_entry(self, row: Sale, result: Result) -> int:
        return record_support(row, result).id

    def undo_registered(self, row: Sale, entry: int) -> Done | None:
        # Read before the commit, which expires the row.
        who = name_of(row)
        recorded = ENTRIES.own(row, entry)
        if recorded is None:
            return None
        undo_support(row, recorded)
        return Done(_("The support for %(who)s is taken back.", who=who))

    def receivers(self, row: Sale) -> Selection:
        return Selection(Audience.CUSTOMERS, [row.customer_id])
