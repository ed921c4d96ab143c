"""Places orders: locks the customers, decides repeats, writes the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _

from app.extensions import db
from app.lib.clock import now
from app.lib.mobile import MobileError, canonical_mobile
from app.services.assignment.assign import assign_repeats
from app.services.notification import report
from app.services.order.address import add_missing_addresses
from app.services.order.customer import UpsertedCustomer, upsert_customers
from app.services.order.new_order import BadMobile, NewOrder, Placed
from app.services.order.repeat import load_history, mark_same_consultant, orders_worked_on
from app.services.order.write import Decided, record_orders, write_orders
from models.job import ImportJob
from models.order import Order, OrderStatus
from models.order_source import OrderSource
from models.organization import Organization, RepeatPolicy
from models.product import Product
from models.tenancy.scope import actor_of, whole_organization


def place_order(
    *,
    customer_fields: Mapping[str, Any],
    product: Product,
    ordered_at: datetime | None = None,
    source: OrderSource | None = None,
    quantity: int = 1,
    note: str | None = None,
    reference: str | None = None,
    import_job: ImportJob | None = None,
) -> Order:
    """Place one order; `customer_fields["mobile"]` may have any spelling. Raises `BadMobile`."""
    try:
        mobile = canonical_mobile(customer_fields["mobile"])
    except MobileError as error:
        raise BadMobile(_("The mobile number is not valid. Example: 09121234567"), field="mobile") from error

    customer = {**customer_fields, "mobile": mobile}
    new = NewOrder(customer, product.id, ordered_at or now(), quantity, note, reference)
    placed = place_orders([new], source=source, import_job=import_job)
    with whole_organization(db.session()):
        return db.session.get_one(Order, placed.orders[0].id)


def place_orders(
    new: Sequence[NewOrder], *, source: OrderSource | None = None, import_job: ImportJob | None = None
) -> Placed:
    """Place *new* one after the other. Repeats are decided on all rows of the organisation, not only the actor's."""
    if not new:
        return Placed([])
    session = db.session()
    moment = now()
    with whole_organization(session):
        customers = upsert_customers([each.customer for each in new], moment=moment)
        organization = session.get_one(Organization, actor_of(session).organization_id)
        decided = _decide(new, customers, organization)
        common = {
            "source_id": source and source.id,
            "import_job_id": import_job and import_job.id,
            # That of the customers who are added with the orders: by it, the undo of an import knows them.
            "created_at": moment,
        }
        placed = write_orders(decided, common)
        add_missing_addresses((customers[each.customer["mobile"]].id, each.address) for each in new)
        record_orders(decided, placed, customers)
        attached = [each.id for each in placed if each.status is OrderStatus.ATTACHED]
        report(Order, "repeat_decision", attached)
        if organization.repeat_policy is RepeatPolicy.STICKY:
            repeats = [(each, each.repeats.id) for each in placed if each.repeats and each.repeats.id]
            mark_same_consultant(assign_repeats(repeats))
    return Placed(placed, sum(found.is_new for found in customers.values()))


def _decide(
    new: Sequence[NewOrder], customers: Mapping[str, UpsertedCustomer], organization: Organization
) -> list[Decided]:
    # A customer who was added just now has no past. The database, which has no statistics of an organisation's first
    # rows, would read all of them to find that out.
    keys = [found.id for found in customers.values() if not found.is_new]
    history = load_history(keys, {each.product_id for each in new}, organization)
    attaching = organization.repeat_policy is RepeatPolicy.ATTACH
    worked_on = orders_worked_on(keys) if attaching else frozenset()
    decided = []
    for each in new:
        pair = (customers[each.customer["mobile"]].id, each.product_id)
        repeats = history.find_repeated(pair, each.ordered_at)
        status = OrderStatus.NEW
        if repeats is not None and organization.repeat_policy is RepeatPolicy.HOLD:
            status = OrderStatus.HELD
        elif repeats is not None and repeats.id in worked_on:
            status = OrderStatus.ATTACHED
        decided.append(Decided(each, pair[0], repeats, status, customers[each.customer["mobile"]].is_former))
        history.orders[pair].append(decided[-1].itself)
    return decided
