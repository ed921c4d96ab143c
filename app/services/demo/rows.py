"""Rows of the demo: customers with orders and follow-ups in all states, and some sales."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.gateways.storage import Upload
from app.lib.persian import fold, sort_key
from app.services.bulk import insert_all, insert_keyed
from app.services.follow_up import Result, record_result
from app.services.sale import SaleDetails
from models.assignment import Assignment, AssignmentMethod
from models.customer import Customer
from models.follow_up import FollowUp, FollowUpEntry, FollowUpStatus
from models.order import Order, OrderStatus
from models.order_source import OrderSource
from models.organization import Organization
from models.product import Product
from models.result_title import ResultKind, ResultScope, ResultTitle
from models.tenancy.scope import Actor, acting_as

FIRST = ("علی", "مریم", "رضا", "زهرا", "محمد", "سارا", "حسین", "نرگس", "آرش", "پریسا", "کیان", "ژاله")
LAST = ("رضایی", "احمدی", "محمدی", "کریمی", "موسوی", "یزدانی", "قاسم‌زاده", "شریفی", "پورحسین", "میرزایی")
CITIES = (("تهران", "تهران"), ("فارس", "شیراز"), ("اصفهان", "کاشان"), ("گیلان", "رشت"), ("خوزستان", "اهواز"))
NOTES = ("لطفاً عصر تماس بگیرید", "قیمت را پرسید", "از اینستاگرام آمده است", "", "", "")
CHUNK = 2_000
NUMBERS = 10**9
SHARED, SALES, FILES = 10, 5, 3
RECEIPT = b"%PDF-1.4\n%%EOF\n"


@dataclass(frozen=True)
class Draw:
    """A seeded random generator, the reference time of all dates, and unique mobiles."""

    random: random.Random
    start: datetime
    mobiles: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mobiles", _mobiles(self.random))


def _mobiles(generator: random.Random) -> Iterator[str]:
    """All Iranian mobile numbers in a scattered order, each once, without storing them."""
    number, step = generator.randrange(NUMBERS), 10 * generator.randrange(NUMBERS // 10) + 3
    while True:
        # A step coprime to the number of mobiles visits each of them before any repeats.
        number = (number + step) % NUMBERS
        yield f"+989{number:09d}"


def fill(draw: Draw, consultants: Sequence[int], total: int) -> Iterator[int]:
    """Insert *total* customers with an order and a follow-up each, consultants in turn; yields the size of each batch."""
    for start in range(0, total, CHUNK):
        amount = min(CHUNK, total - start)
        _fill_some(draw, consultants, amount)
        yield amount


def _fill_some(draw: Draw, consultants: Sequence[int], amount: int) -> None:
    products = db.session.scalars(select(Product).order_by(Product.id)).all()
    titles = db.session.scalars(
        select(ResultTitle).where(ResultTitle.scope == ResultScope.FOLLOW_UP).order_by(ResultTitle.position)
    ).all()
    customers = _insert(Customer, [_customer(draw) for _ in range(amount)])
    sources = db.session.scalars(select(OrderSource.id).order_by(OrderSource.id)).all()
    rows = [
        {**_order(draw, customer, products), "source_id": draw.random.choice(sources)}
        for customer in customers
    ]
    orders = _insert(Order, rows)
    plans = [
        _plan(draw, order, consultants[number % len(consultants)], titles)
        for number, order in enumerate(orders)
    ]
    follow_ups = _insert(FollowUp, [plan[0] for plan in plans])
    entries = [
        {**entry, "follow_up_id": follow_up["id"]}
        for follow_up, (_row, entry) in zip(follow_ups, plans, strict=True)
        if entry
    ]
    insert_all(FollowUpEntry, entries)
    insert_all(Assignment, [_assignment(row) for row in follow_ups])


def share(draw: Draw, first: int, second: int) -> None:
    """Add orders of the *first* consultant's customers that the *second* consultant follows up."""
    theirs = select(FollowUp).where(FollowUp.consultant_id == first).order_by(FollowUp.id).limit(SHARED)
    products = db.session.scalars(select(Product).order_by(Product.id)).all()
    orders = [
        _order(draw, {"id": row.customer_id}, [each for each in products if each.id != row.product_id])
        for row in db.session.scalars(theirs)
    ]
    follow_ups = [_plan(draw, order, second, ())[0] for order in _insert(Order, orders)]
    insert_all(Assignment, [_assignment(row) for row in _insert(FollowUp, follow_ups)])


def sell(organization: Organization) -> None:
    """Record a won result for a few follow-ups, some with a receipt."""
    won = db.session.scalars(select(ResultTitle.id).where(ResultTitle.kind == ResultKind.WON)).first()
    fresh = select(FollowUp).where(FollowUp.status == FollowUpStatus.OPEN).order_by(FollowUp.id).limit(SALES)
    chosen = [(row.id, row.consultant_id) for row in db.session.scalars(fresh)]
    for number, (pk, consultant_id) in enumerate(chosen):
        receipt = Upload("رسید پرداخت.pdf", BytesIO(RECEIPT))
        with acting_as(db.session(), Actor(organization.id, consultant_id)) as session:
            row = session.get_one(FollowUp, pk)
            result = Result(
                title=session.get_one(ResultTitle, won),
                note="واریز شد",
                uploads=[receipt] if number < FILES else [],
                sale=SaleDetails(product=row.product, amount=10_000_000 * (number + 1)),
            )
            record_result(row, result)


def _insert(model: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Insert *rows* in bulk and add their ids."""
    for row, key in zip(rows, insert_keyed(model, rows), strict=True):
        row["id"] = key
    return rows


def _customer(draw: Draw) -> dict[str, Any]:
    pick = draw.random.choice
    first, last, (province, city) = pick(FIRST), pick(LAST), pick(CITIES)
    mobile = next(draw.mobiles)
    text = f"{first} {last}|{mobile.removeprefix('+98')}"
    return {
        "mobile": mobile,
        "first_name": first,
        "last_name": last,
        "province": province,
        "city": city,
        "search_key": fold(text),
        "sort_key": sort_key(text)[:200],
    }


def _order(draw: Draw, customer: dict[str, Any], products: Sequence[Product]) -> dict[str, Any]:
    return {
        "customer_id": customer["id"],
        "product_id": draw.random.choice(products).id,
        "ordered_at": draw.start - timedelta(hours=draw.random.randrange(1, 24 * 60)),
        "note": draw.random.choice(NOTES) or None,
        "status": OrderStatus.ASSIGNED,
    }


def _plan(
    draw: Draw, order: dict[str, Any], consultant: int, titles: Sequence[ResultTitle]
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """A follow-up and, for three in four, the result that was recorded last."""
    row: dict[str, Any] = {
        "order_id": order["id"],
        "customer_id": order["customer_id"],
        "product_id": order["product_id"],
        "consultant_id": consultant,
        "last_result_id": None,
        "next_at": None,
        "attempts": 0,
        "status": FollowUpStatus.OPEN,
        "last_entry_at": None,
        "first_contact_at": None,
    }
    if not titles or draw.random.random() < 0.25:
        return row, None
    title = draw.random.choice([each for each in titles if each.kind is not ResultKind.WON])
    at = draw.start - timedelta(hours=draw.random.randrange(1, 24 * 20))
    row |= {"last_result_id": title.id, "last_entry_at": at, "first_contact_at": at}
    row["attempts"] = draw.random.randrange(1, 6)
    row |= _next_step(draw, title)
    entry = {
        "result_title_id": title.id,
        "at": at,
        "by_id": consultant,
        "next_at": row["next_at"],
        "note": draw.random.choice(NOTES) or None,
    }
    return row, entry


def _next_step(draw: Draw, title: ResultTitle) -> dict[str, Any]:
    if title.kind is ResultKind.LOST:
        return {"status": FollowUpStatus.LOST}
    if title.kind is ResultKind.INVALID:
        return {"status": FollowUpStatus.INVALID}
    hours = draw.random.randrange(-48, 24 * 7)
    moment: datetime = draw.start + timedelta(hours=hours, minutes=draw.random.choice((0, 15, 30, 45)))
    return {"status": FollowUpStatus.WAITING, "next_at": moment}


def _assignment(follow_up: dict[str, Any]) -> dict[str, Any]:
    return {
        "order_id": follow_up["order_id"],
        "to_member_id": follow_up["consultant_id"],
        "method": AssignmentMethod.ROUND_ROBIN,
    }
