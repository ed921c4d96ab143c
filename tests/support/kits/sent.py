"""What a form of kits sends, and the lines that are stored."""

from __future__ import annotations

from sqlalchemy import select

from models.tenancy.scope import Actor, bind
from tests.support.kits.model import KitPart


def lines(*given, **more):
    """What a form sends: (product, count, price[, key]) of each line."""
    sent = {"title": "بسته", "parts": "", "rebate": "0"} | more
    for at, (product, count, price, *key) in enumerate(given):
        sent |= {f"parts-{at}-product": str(getattr(product, "id", product)), f"parts-{at}-count": str(count)}
        sent |= {f"parts-{at}-price": str(price), f"parts-{at}-id": str(key[0]) if key else ""}
    return sent


def parts(session, manager):
    bind(session, Actor(manager.organization_id, manager.id))
    session.expire_all()
    rows = session.scalars(select(KitPart).order_by(KitPart.kit_id, KitPart.position)).all()
    return [(row.product.title, row.count, row.price, row.amount) for row in rows]
