"""Places orders: locks the customers, decides repeats, writes the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import case, update

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.lib.mobile import MobileError, canonical_mobile
from app.services.assignment.assign import assign_repeats
from app.services.audit.record import note
from app.services.bulk import insert_all, insert_keyed
from app.services.order.customer import UpsertedCustomer, upsert_customers
from app.services.order.repeat import Earlier, load_history, open_follow_ups
from models.customer import Address, Customer
from models.job import ImportJob
from models.order import Order, OrderStatus, RepeatReason
from models.order_source import OrderSource
from models.organization import Organization, RepeatPolicy
from models.product import Product
from models.tenancy.scope import actor_of, whole_organization


class BadMobile(DomainError):
    """The customer's mobile number is invalid."""


@dataclass(frozen=True)
class NewOrder:
    """An order to be placed; `customer` has the canonical mobile and other fields of the customer."""

    customer: Mapping[str, Any]
    product_id: int
    ordered_at: datetime
    quantity: int = 1
    note: str | None = None
    reference: str | None = None
    address: Mapping[str, Any] | None = None


@dataclass
class PlacedOrder:
    """An order that has been written."""

    id: int
    customer_id: int
    product_id: int
    repeats: Earlier | None
    status: OrderStatus


@dataclass(frozen=True)
class Placed:
    orders: Sequence[PlacedOrder]
    new_customers: int = 0

    @property
    def repeated(self) -> int:
        return sum(1 for order in self.orders if order.repeats)


@dataclass
class _Decided:
    new: NewOrder
    customer_id: int
    repeats: Earlier | None
    status: OrderStatus
    itself: Earlier = field(init=False)

    def __post_init__(self) -> None:
        self.itself = Earlier(self.new.ordered_at, is_repeat=self.repeats is not None)


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
    with whole_organization(session):
        customers = upsert_customers([each.customer for each in new], moment=now())
        organization = session.get_one(Organization, actor_of(session).organization_id)
        decided = _decide(new, customers, organization)
        common = {"source_id": source and source.id, "import_job_id": import_job and import_job.id}
        placed = _write(decided, common)
        _write_addresses(new, customers)
        _record(decided, placed, customers)
        if organization.repeat_policy is RepeatPolicy.STICKY:
            assign_repeats([(each, each.repeats.id) for each in placed if each.repeats and each.repeats.id])
    return Placed(placed, sum(found.is_new for found in customers.values()))


def _decide(
    new: Sequence[NewOrder], customers: Mapping[str, UpsertedCustomer], organization: Organization
) -> list[_Decided]:
    keys = [found.id for found in customers.values()]
    window = timedelta(days=organization.repeat_window_days)
    history = load_history(keys, {each.product_id for each in new}, window)
    attaching = organization.repeat_policy is RepeatPolicy.ATTACH
    open_pairs = open_follow_ups(keys) if attaching else frozenset()
    decided = []
    for each in new:
        pair = (customers[each.customer["mobile"]].id, each.product_id)
        repeats = history.find_repeated(pair, each.ordered_at)
        status = OrderStatus.NEW
        if repeats is not None and organization.repeat_policy is RepeatPolicy.HOLD:
            status = OrderStatus.HELD
        elif repeats is not None and pair in open_pairs:
            status = OrderStatus.ASSIGNED
        decided.append(_Decided(each, pair[0], repeats, status))
        history.orders[pair].append(decided[-1].itself)
    return decided


def _write(decided: Sequence[_Decided], common: dict[str, Any]) -> list[PlacedOrder]:
    keys = insert_keyed(Order, [_row(each) | common for each in decided])
    linked = {}
    for key, each in zip(keys, decided, strict=True):
        each.itself.id = key
        if each.repeats is not None:
            linked[key] = each.repeats.id
    if linked:
        # Originals of the same batch have no id before the INSERT, so all links are written afterwards.
        statement = (
            update(Order).where(Order.id.in_(linked)).values(repeat_of_id=case(linked, value=Order.id))
        )
        db.session.execute(statement.execution_options(synchronize_session=False))
    return [
        PlacedOrder(key, each.customer_id, each.new.product_id, each.repeats, each.status)
        for key, each in zip(keys, decided, strict=True)
    ]


def _row(decided: _Decided) -> dict[str, Any]:
    new = decided.new
    return {
        "customer_id": decided.customer_id,
        "product_id": new.product_id,
        "quantity": new.quantity,
        "note": new.note,
        "ordered_at": new.ordered_at,
        "reference": new.reference,
        "status": decided.status,
        "is_repeat": decided.repeats is not None,
        "repeat_reason": RepeatReason.WITHIN_WINDOW if decided.repeats else None,
    }


def _record(
    decided: Sequence[_Decided], placed: Sequence[PlacedOrder], customers: Mapping[str, UpsertedCustomer]
) -> None:
    for each, order in zip(decided, placed, strict=True):
        note("add", Order, order.id, after=_row(each))
    fields = {each.new.customer["mobile"]: each.new.customer for each in decided}
    for mobile, found in customers.items():
        if found.is_new:
            note("add", Customer, found.id, after=fields[mobile])


def _write_addresses(new: Sequence[NewOrder], customers: Mapping[str, UpsertedCustomer]) -> None:
    """Add the first given address of each new customer."""
    rows: dict[int, dict[str, Any]] = {}
    for each in new:
        found = customers[each.customer["mobile"]]
        if found.is_new and each.address:
            rows.setdefault(found.id, {**each.address, "customer_id": found.id, "is_default": True})
    insert_all(Address, list(rows.values()))
