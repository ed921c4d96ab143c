"""What the side panel says about the person before the form: order, other orders and purchases, latest results."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import escape
from sqlalchemy import func, select

from app.extensions import db
from app.lib.jalali import long_date
from app.lib.persian import persian_digits
from app.panel.access import permitted_section
from app.panel.side import Latest, Who, link
from app.services.follow_up import ENTRIES
from models.follow_up import FollowUp
from models.order import Order
from models.sale import Sale
from views.results.latest import latest_results

SHOWN_ENTRIES = 2


def who(_section: Any, follow_up: FollowUp) -> Who:
    customer, order = follow_up.customer, follow_up.order
    url = customer_url(customer.id)
    dated = _("Order of %(date)s", date=long_date(order.ordered_at))
    facts = [customer.city or "", str(follow_up.product), dated, *_history(customer.id, url)]
    return Who(
        name=str(customer),
        url=url,
        mobile=customer.mobile,
        facts=[each for each in facts if each],
        notes=[(_("Note of the order:"), order.note)] if order.note else [],
    )


def customer_url(key: int) -> str | None:
    """The page of the customer, for members who may open it."""
    return f"/customers/show/{key}" if permitted_section("customers", "can_show") else None


def _history(customer_id: int, url: str | None) -> list[str]:
    """The orders and purchases of the customer that the member may see, where there is more than this order."""
    sales = select(func.count()).select_from(Sale)
    sales = sales.where(Sale.customer_id == customer_id, Sale.is_supported())
    orders = select(func.count(), sales.scalar_subquery()).select_from(Order)
    ordered, bought = db.session.execute(orders.where(Order.customer_id == customer_id)).one()
    if ordered <= 1 and not bought:
        return []
    all_orders = _counted(ngettext("%(num)s order", "%(num)s orders", ordered), url, "orders")
    if not bought:
        return [all_orders]
    purchases = _counted(ngettext("%(num)s purchase", "%(num)s purchases", bought), url, "sales")
    # `escape` marks the sentence, so that the links in it stay links.
    sentence = escape(_("The customer has %(orders)s and %(purchases)s"))
    return [sentence % {"orders": all_orders, "purchases": purchases}]


def _counted(words: str, url: str | None, tab: str) -> str:
    text = str(persian_digits(words))
    return link(text, f"{url}?tab={tab}") if url else text


def latest(follow_up: FollowUp) -> Latest:
    return latest_results(ENTRIES, follow_up, SHOWN_ENTRIES, "phone")
