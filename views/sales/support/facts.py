"""What the side panel says about a sale before the form: the customer, what was bought, the latest entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.lib.jalali import day_and_month, to_jalali, today
from app.lib.persian import group_number
from app.panel.access import permitted_section
from app.panel.actor import sees_own_rows_only
from app.panel.formatting import money_words
from app.panel.side import Latest, Who, link
from app.services.support import ENTRIES
from models.customer import Customer
from models.product import Product
from models.sale import STANDING, Sale, SaleItem
from views.results.latest import latest_results

SHOWN_ENTRIES = 3


def who(section: Any, sale: Sale) -> Who:
    customer: Customer | None = sale.customer
    facts = [
        customer.city or "" if customer else "",
        _("Purchase of %(date)s", date=_day_of(sale.sold_at)),
    ]
    if not sees_own_rows_only():
        facts.append(_("Consultant: %(who)s", who=sale.consultant))
    base = "/sales/" if permitted_section("sales", "can_show") else section.base_url
    facts.append(link(_("Details of the sale"), f"{base}show/{sale.id}"))
    may_see = customer is not None and permitted_section("customers", "can_show") is not None
    return Who(
        name=name_of(sale),
        url=f"/customers/show/{sale.customer_id}" if may_see else None,
        mobile=customer.mobile if customer else None,
        facts=[each for each in facts if each],
        notes=[(_("Purchase:"), f"{_all_of(sale)}، {money_words(sale.amount)}"), *_balance(sale)],
    )


def _day_of(at: datetime) -> str:
    """The day and month, with the year where it is another one."""
    is_this_year = to_jalali(at).year == to_jalali(today()).year
    return day_and_month(at, with_year=not is_this_year)


def _balance(sale: Sale) -> list[tuple[str, str]]:
    is_owed = sale.status in STANDING and sale.balance > 0
    return [(_("Balance:"), money_words(sale.balance))] if is_owed else []


def name_of(sale: Sale) -> str:
    """The name of the customer, whom a consultant may not see without a follow-up of theirs."""
    return str(sale.customer) if sale.customer else _("Sale %(number)s", number=group_number(sale.id))


def latest(sale: Sale) -> Latest:
    return latest_results(ENTRIES, sale, SHOWN_ENTRIES, "headset")


def _all_of(sale: Sale) -> str:
    """All products of *sale* with their numbers."""
    items = _items_of([sale.id]).get(sale.id, [])
    named = [title if count == 1 else f"{title} × {group_number(count)}" for title, count in items]
    return "، ".join(named)


def purchases(sales: Iterable[Sale]) -> dict[int, str]:
    """The first product of each sale, with the number of the others, by one statement."""
    found = _items_of([sale.id for sale in sales])
    return {key: _shortened(items) for key, items in found.items()}


def _shortened(items: list[tuple[str, int]]) -> str:
    first, more = items[0][0], len(items) - 1
    return f"{first} +{group_number(more)}" if more else first


def _items_of(keys: list[int]) -> Mapping[int, list[tuple[str, int]]]:
    """(title, number) of the items of the sales with *keys*; products may be deleted."""
    found: dict[int, list[tuple[str, int]]] = {}
    if not keys:
        return found
    rows = db.session.execute(
        select(SaleItem.sale_id, Product.title, SaleItem.quantity)
        .join(Product, Product.id == SaleItem.product_id)
        .where(SaleItem.sale_id.in_(keys))
        .order_by(SaleItem.position, SaleItem.id),
        execution_options={"with_deleted": True},
    )
    for key, title, count in rows:
        found.setdefault(key, []).append((title, count))
    return found
