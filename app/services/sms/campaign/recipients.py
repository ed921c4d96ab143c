"""Selection of a campaign's receivers, and the reasons to exclude one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, select

from app.extensions import db
from app.lib.mobile import MobileError, canonical_mobile
from models.customer import Customer
from models.follow_up import FollowUp
from models.product import Product
from models.sms.campaign import Audience, LeftOut
from models.sms.consent import SmsBlock

CHUNK = 500
_MODELS = {Audience.FOLLOW_UPS: FollowUp, Audience.CUSTOMERS: Customer}


@dataclass(frozen=True)
class Selection:
    """Selected rows of one table, given by their keys or by a SELECT statement."""

    audience: Audience
    rows: Sequence[int] | Select[Any]

    def keys(self) -> list[int]:
        """All keys that are visible to the acting user, ascending."""
        model: Any = _MODELS[self.audience]
        return list(db.session.scalars(select(model.id).where(self.condition()).order_by(model.id)))

    def count(self) -> int:
        """The number of selected rows, including those that will be excluded."""
        model: Any = _MODELS[self.audience]
        return db.session.scalar(select(func.count()).select_from(model).where(self.condition())) or 0

    def condition(self) -> ColumnElement[bool]:
        model: Any = _MODELS[self.audience]
        if isinstance(self.rows, Select):
            found = self.rows.with_only_columns(model.id, maintain_column_froms=True)
            chosen: Any = found.order_by(None)
        else:
            chosen = list(self.rows)
        condition: ColumnElement[bool] = model.id.in_(chosen)
        return condition


def selection_of(rows: Iterable[FollowUp | Customer]) -> Selection:
    """The selection of loaded *rows*, which all belong to one table."""
    found = list(rows)
    is_customers = bool(found) and isinstance(found[0], Customer)
    audience = Audience.CUSTOMERS if is_customers else Audience.FOLLOW_UPS
    return Selection(audience, [row.id for row in found])


def candidates(audience: Audience, condition: ColumnElement[bool], *, brief: bool = False) -> Select[Any]:
    """One row per receiver: key, number, opt-out and block flags, and unless *brief* the variables of texts."""
    is_follow_ups = audience is Audience.FOLLOW_UPS
    key = FollowUp.id if is_follow_ups else Customer.id
    columns: list[Any] = [key.label("key"), Customer.id.label("customer_id"), Customer.mobile]
    # The mark follows the list, which is asked again before each call.
    columns += [Customer.opted_out.label("is_opted_out"), _is_blocked().label("is_blocked")]
    if not brief:
        columns += [Customer.first_name, Customer.last_name, Customer.city, Customer.province]
        columns.append(Product.title.label("product") if is_follow_ups else literal("").label("product"))
    statement = select(*columns)
    if is_follow_ups:
        statement = statement.select_from(FollowUp).join(Customer, Customer.id == FollowUp.customer_id)
    if is_follow_ups and not brief:
        statement = statement.join(Product, Product.id == FollowUp.product_id)
    return statement.where(condition).order_by(key)


def _is_blocked() -> ColumnElement[bool]:
    return exists(
        select(1).where(
            SmsBlock.mobile == Customer.mobile, SmsBlock.organization_id == Customer.organization_id
        )
    )


def exclusion_reason(row: Any, seen: set[str]) -> LeftOut | None:
    """The reason to exclude a candidate, or None; then its number is added to *seen*."""
    try:
        canonical_mobile(row.mobile)
    except MobileError:
        return LeftOut.INVALID
    if row.is_opted_out:
        return LeftOut.OPTED_OUT
    if row.is_blocked:
        return LeftOut.BLOCKED
    if row.mobile in seen:
        return LeftOut.REPEATED
    seen.add(row.mobile)
    return None


def chunks(keys: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(keys), CHUNK):
        yield list(keys[start : start + CHUNK])


def fingerprint(keys: Sequence[int]) -> str:
    """SHA-256 hex digest of a selection's keys."""
    return hashlib.sha256(",".join(map(str, keys)).encode()).hexdigest()
