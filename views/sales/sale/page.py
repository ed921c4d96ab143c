"""What the page of a sale shows besides the engine's: items, balance, payments with their receipts, address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select

from app.extensions import db
from app.panel.access import permitted_section
from app.panel.timeline import Timeline
from app.panel.timeline.page import TimelinePage, timeline_page
from models.customer import Address
from models.sale import STANDING, UNSUPPORTED, Sale
from models.transaction import TransactionStatus
from views.sales.sale.payments import PAYMENTS, payments_of
from views.timelines.support import SUPPORT

SALE_PAGE = "sales/sale/show.html"


@dataclass(frozen=True)
class Totals:
    """The sums of a sale in rials; `share` and `waiting_share` are parts of a hundred of the bar."""

    items: int
    discount: int
    amount: int
    paid: int
    waiting: int
    is_standing: bool

    @property
    def balance(self) -> int:
        return self.amount - self.paid

    @property
    def after(self) -> int:
        """The balance once the waiting payments are verified."""
        return self.balance - self.waiting

    @property
    def share(self) -> int:
        return _percent(self.paid, self.amount)

    @property
    def waiting_share(self) -> int:
        return min(100 - self.share, _percent(self.waiting, self.amount))


def _percent(part: int, whole: int) -> int:
    return min(100, part * 100 // whole) if whole > 0 else 0


def sale_parts(sale: Sale, address_url: str | None) -> dict[str, Any]:
    payments = payments_of(sale)
    waiting = sum(each.row.amount for each in payments if each.row.status is TransactionStatus.PENDING)
    may_add = sale.status in STANDING and permitted_section("transactions", "can_add") is not None
    return {
        "sale": sale,
        # Loaded with their products by the engine, which has them as lines.
        "lines": sale.items,
        "totals": totals_of(sale, waiting),
        "payments": payments,
        "address": address_of(sale),
        "address_url": address_url,
        "add_url": f"{PAYMENTS}add?sale={sale.id}" if may_add else None,
        "support": support_of(sale),
        "support_url": support_url(sale),
        "reloads": True,
    }


@dataclass(frozen=True)
class Support:
    """The support entries of a sale, the newest first; older ones are loaded from `url`."""

    timeline: TimelinePage
    url: str


def support_of(sale: Sale) -> Support | None:
    """None for a sale without support, and for a member who may not see it."""
    section = permitted_section("support", "can_list")
    if section is None or sale.status in UNSUPPORTED:
        return None
    return Support(timeline_page(Timeline(SUPPORT), sale), f"{section.base_url}{sale.id}/timeline")


def support_url(sale: Sale) -> str | None:
    """The side panel that registers support of *sale*, for members who may."""
    section = permitted_section("support", "can_record")
    return None if section is None or sale.status in UNSUPPORTED else f"{section.base_url}{sale.id}/panel"


def totals_of(sale: Sale, waiting: int = 0) -> Totals:
    return Totals(
        sale.amount + sale.discount, sale.discount, sale.amount, sale.paid, waiting, sale.status in STANDING
    )


def address_of(sale: Sale) -> Address | None:
    """The delivery address, also a deleted one."""
    if sale.address_id is None:
        return None
    if "address" not in inspect(sale).unloaded:
        return sale.address
    statement = select(Address).where(Address.id == sale.address_id)
    found: Address | None = db.session.scalar(statement, execution_options={"with_deleted": True})
    return found
