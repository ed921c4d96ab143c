"""The customers of the demo with their orders, and what is drawn for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.lib.persian import fold, sort_key
from app.services.demo.draw import Draw, national_id
from app.services.demo.names import CITIES, CUSTOMER_NOTES, FIRST, LAST, ORDER_NOTES
from app.services.demo.plan import Plan
from models.order_source import OrderSource
from models.product import Product
from models.result_title import ResultKind, ResultScope, ResultTitle

# The share of customers whose national ID is known.
_KNOWN = 0.1


@dataclass(frozen=True)
class Choices:
    """The rows of the organisation that orders and results refer to."""

    products: Sequence[tuple[int, int]]  # key, price
    sources: Sequence[int]
    titles: Sequence[tuple[int, ResultKind]]


def read_choices() -> Choices:
    products = db.session.execute(select(Product.id, Product.price).order_by(Product.id))
    titles = db.session.execute(
        select(ResultTitle.id, ResultTitle.kind)
        .where(ResultTitle.scope == ResultScope.FOLLOW_UP)
        .order_by(ResultTitle.position)
    )
    sources = db.session.scalars(select(OrderSource.id).order_by(OrderSource.id)).all()
    return Choices(
        [(key, price or 0) for key, price in products], sources, [(key, kind) for key, kind in titles]
    )


@lru_cache(maxsize=10_000)
def name_keys(name: str) -> tuple[str, str]:
    return fold(name), sort_key(name)


def new_customer(draw: Draw, at: datetime) -> dict[str, Any]:
    generator = draw.random
    first, last, (province, city) = FIRST.pick(generator), LAST.pick(generator), CITIES.pick(generator)
    mobile = next(draw.mobiles)
    number = mobile.removeprefix("+98")
    folded, sorted_by = name_keys(f"{first} {last}")
    return {
        "mobile": mobile,
        "first_name": first,
        "last_name": last,
        "province": province,
        "city": city,
        "national_id": national_id(generator) if generator.random() < _KNOWN else None,
        "note": CUSTOMER_NOTES.pick(generator),
        "created_at": at,
        "search_key": f"{folded}|{number}",
        "sort_key": f"{sorted_by}|{number}"[:200],
    }


def new_order(draw: Draw, choices: Choices, customer_id: int, at: datetime, plan: Plan) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "product_id": draw.random.choice(choices.products)[0],
        "quantity": 1 if draw.random.random() < 0.9 else 2,
        "source_id": draw.random.choice(choices.sources),
        "ordered_at": at,
        "created_at": at,
        "note": ORDER_NOTES.pick(draw.random),
        "status": plan.order_status,
    }
