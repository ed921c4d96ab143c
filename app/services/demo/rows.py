"""Rows of the demo: follow-ups in all states with their results, and sales."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.gateways.storage import Upload
from app.services.attachment.attach import attach
from app.services.demo.draw import Draw
from app.services.demo.insert import insert_rows, renew_plans
from app.services.demo.people import Choices, new_customer, new_order, read_choices
from app.services.demo.plan import Plan, Planner
from app.services.demo.receipt import RECEIPT
from app.services.demo.sales.selling import Seller, SoldOrder, write_sales
from app.services.sale.confirm import SaleDetails, Sold, confirm_sale
from models.assignment import Assignment, AssignmentMethod
from models.customer import Customer
from models.follow_up import FollowUp, FollowUpEntry, FollowUpStatus
from models.order import Order, OrderStatus
from models.organization import Organization
from models.result_title import ResultKind, ResultTitle
from models.sale import Sale, SaleItem
from models.support import SupportEntry
from models.tenancy.scope import Actor, acting_as
from models.transaction import Transaction

CHUNK = 5_000
# The tables that grow with the number of follow-ups.
FILLED = (Customer, Order, FollowUp, FollowUpEntry, Assignment, Sale, SaleItem, Transaction, SupportEntry)
SHARED, SALES, FILES = 10, 5, 3


@dataclass(frozen=True)
class _Batch:
    """The values of some customers, of their orders and of the work on them; their keys are missing."""

    customers: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    plans: Sequence[Plan]
    sales: Sequence[SoldOrder]


def fill(draw: Draw, consultants: Sequence[int], total: int, *, manager: int, agent: int) -> Iterator[int]:
    """Insert *total* customers with an order and a follow-up each, consultants in turn; yields the size of each batch.

    Older rows have lower keys, as in an organisation that has worked for two years.
    """
    choices = read_choices()
    planner = Planner(draw.random, draw.calendar, choices.titles, consultants)
    seller = Seller(draw, dict(choices.products), manager, agent)
    done = 0
    for batch in _ahead(_draw_batches(draw, choices, planner, seller, total)):
        customers = insert_rows(Customer, batch.customers, at=draw.start)
        for order, customer in zip(batch.orders, customers, strict=True):
            order["customer_id"] = customer["id"]
        write_work(draw, insert_rows(Order, batch.orders, at=draw.start), batch.plans)
        write_sales(batch.sales, at=draw.start)
        if done == 0 or done + len(customers) == total:
            renew_plans(*FILLED)
        done += len(customers)
        yield len(customers)


def _draw_batches(
    draw: Draw, choices: Choices, planner: Planner, seller: Seller, total: int
) -> Iterator[_Batch]:
    moments, consultants = draw.calendar.orders(total), planner.consultants
    for start in range(0, total, CHUNK):
        part = moments[start : start + CHUNK]
        customers = [new_customer(draw, at) for at in part]
        plans = [
            # The first one has a next contact, so that the page of the first customer has something to do.
            planner.plan(at, consultants[number % len(consultants)], stays_open=number == 0)
            for number, at in enumerate(part, start)
        ]
        orders = [new_order(draw, choices, 0, at, plan) for at, plan in zip(part, plans, strict=True)]
        yield _Batch(customers, orders, plans, seller.draw_sales(orders, plans))


def _ahead(batches: Iterator[_Batch]) -> Iterator[_Batch]:
    """*batches*, each drawn by another thread while the database writes the one before it."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch


def write_work(draw: Draw, orders: Sequence[dict[str, Any]], plans: Sequence[Plan]) -> None:
    """Insert the follow-ups of *orders* with their results and lines in the ledger."""
    common = [{"order_id": order["id"], "customer_id": order["customer_id"]} for order in orders]
    follow_ups = [
        {**keys, "product_id": order["product_id"], "created_at": plan.assigned_at, **plan.follow_up}
        for keys, order, plan in zip(common, orders, plans, strict=True)
    ]
    insert_rows(FollowUp, follow_ups, at=draw.start)
    entries = [
        {"follow_up_id": row["id"], "customer_id": row["customer_id"], **entry}
        for row, plan in zip(follow_ups, plans, strict=True)
        for entry in plan.entries
    ]
    insert_rows(FollowUpEntry, entries, at=draw.start)
    lines = [
        {
            **keys,
            "counted_customer_id": keys["customer_id"],
            "to_member_id": plan.follow_up["consultant_id"],
            "started_at": plan.assigned_at,
            "method": AssignmentMethod.ROUND_ROBIN,
        }
        for keys, plan in zip(common, plans, strict=True)
    ]
    insert_rows(Assignment, lines, at=draw.start)


def share(draw: Draw, first: int, second: int) -> None:
    """Add orders of the *first* consultant's customers that the *second* consultant follows up."""
    theirs = (
        select(FollowUp).where(FollowUp.consultant_id == first).order_by(FollowUp.id.desc()).limit(SHARED)
    )
    choices = read_choices()
    orders, plans = [], []
    planner = Planner(draw.random, draw.calendar)
    for row in db.session.scalars(theirs):
        at = draw.calendar.lately()
        others = [each for each in choices.products if each[0] != row.product_id]
        plan = planner.plan(at, second)
        other = Choices(others, choices.sources, choices.titles)
        orders.append(new_order(draw, other, row.customer_id, at, plan))
        plans.append(plan)
    write_work(draw, insert_rows(Order, orders, at=draw.start), plans)


def sell(draw: Draw, organization: Organization) -> None:
    """Sell the oldest follow-ups that are open, some with a receipt."""
    won = db.session.scalars(select(ResultTitle.id).where(ResultTitle.kind == ResultKind.WON)).one()
    oldest = select(FollowUp).where(FollowUp.status == FollowUpStatus.OPEN).order_by(FollowUp.id).limit(SALES)
    chosen = [(row.id, row.consultant_id) for row in db.session.scalars(oldest)]
    for number, (key, consultant_id) in enumerate(chosen):
        with acting_as(db.session(), Actor(organization.id, consultant_id)) as session:
            row = session.get_one(FollowUp, key)
            at = draw.calendar.call(row.created_at, most_days=1) or draw.start
            entry = _win(row, won, at)
            if number < FILES:
                attach(entry, [Upload("رسید پرداخت.pdf", BytesIO(RECEIPT))])


def _win(row: FollowUp, title_id: int, at: datetime) -> FollowUpEntry:
    """Record at a moment of the past that the customer has bought."""
    sale = confirm_sale(row, SaleDetails([Sold(row.product, row.product.price or 10_000_000)]))
    sale.sold_at = sale.created_at = at
    row.status, row.order.status = FollowUpStatus.WON, OrderStatus.WON
    row.last_result_id, row.attempts = title_id, 1
    row.first_contact_at = row.last_entry_at = row.closed_at = at
    entry = FollowUpEntry(
        follow_up_id=row.id,
        customer_id=row.customer_id,
        result_title_id=title_id,
        at=at,
        by_id=row.consultant_id,
        note="واریز شد",
    )
    db.session.add(entry)
    db.session.flush()
    return entry
