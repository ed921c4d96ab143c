"""Customers with rows in every table that refers to them, and a picture of all these rows."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from app.services.assignment.assign import assign
from app.services.merge.merge import Wish, merge_customers
from app.services.merge.relations import MOVED
from app.services.order.phone import write_phones_key
from models.attachment import Attachment
from models.customer import Address, Customer, CustomerPhone
from models.follow_up import FollowUpEntry
from models.support import SupportEntry
from tests.factories import CustomerFactory, OrderFactory, ResultTitleFactory, SaleFactory

PAGE = "/customers/duplicates"
# What a merge may change in a row that it gives back.
_BOOKKEEPING = {"updated_at", "row_version"}


def furnished(number: int, *, manager, consultant, product=None, **fields) -> Customer:
    """A customer with a row of each kind."""
    session = db.session
    customer = CustomerFactory(first_name="علی", last_name=f"رضایی {number}", **fields)
    common = {"product": product} if product is not None else {}
    order = OrderFactory(customer=customer, **common)
    follow_up = assign(order, consultant, by=manager)
    title = ResultTitleFactory()
    session.add(
        FollowUpEntry(follow_up_id=follow_up.id, result_title_id=title.id, at=now(), by_id=manager.id)
    )
    sale = SaleFactory(order=order, consultant_id=consultant.id)
    session.add(SupportEntry(sale_id=sale.id, result_title_id=title.id, at=now(), by_id=manager.id))
    session.add(CustomerPhone(customer_id=customer.id, number=f"021880000{number:02d}", title="محل کار"))
    session.add(Address(customer_id=customer.id, line=f"خیابان {number}", is_default=True))
    session.add(Address(customer_id=customer.id, line=f"کوچهٔ {number}"))
    session.add(
        Attachment(
            parent_type="customers",
            parent_id=customer.id,
            sha256="0" * 64,
            size=1,
            detected_type="text/plain",
            original_name=f"{number}.txt",
        )
    )
    session.flush()
    write_phones_key(customer.id)
    return customer


def wish(*customers, **chosen) -> Wish:
    return Wish({each.id: each.row_version for each in customers}, chosen)


def merged(*customers, **chosen):
    """Merge *customers*; ``city=customer`` chooses whose value stays."""
    keys = {name: each.id for name, each in chosen.items()}
    return merge_customers(wish(*customers, **keys), at=now())


def picture() -> dict[str, dict[int, dict[str, object]]]:
    """All rows of customers and of the tables that refer to them, deleted ones too."""
    db.session.expire_all()
    found = {}
    for model in (Customer, *(each.model for each in MOVED)):
        rows = db.session.scalars(
            select(model).order_by(model.id),
            execution_options={"with_deleted": True, "populate_existing": True},
        )
        columns = [each.key for each in model.__mapper__.column_attrs if each.key not in _BOOKKEEPING]
        found[model.__tablename__] = {row.id: {name: getattr(row, name) for name in columns} for row in rows}
    return found


def post_merge(browser, *customers, headers=None, **chosen):
    """Merge *customers* as their page does; ``city=15`` chooses whose value stays."""
    page = browser.get("/customers/merge", query_string=[("rowid", each.id) for each in customers]).text
    versions = re.search(r'name="versions" value="([^"]*)"', page)[1]
    data = {"rowid": [each.id for each in customers], "versions": versions, **chosen}
    return browser.post("/customers/merge", data=data, headers=headers or {})
