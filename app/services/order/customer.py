"""Finds or creates the customers of incoming orders in one statement, which locks their rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, text

from app.extensions import db
from app.services.bulk import prepare
from app.services.sms.consent import opted_out_among
from models.customer import Customer
from models.filter_keys import key_name
from models.upsert import upsert

# First and last name are filled in together, never half by half.
_NAME = ("first_name", "last_name", "search_key", "sort_key")
_FILLED = ("email", "province", "city")


@dataclass(frozen=True)
class UpsertedCustomer:
    id: int
    is_new: bool


def upsert_customers(fields: Iterable[Mapping[str, Any]], *, moment: datetime) -> dict[str, UpsertedCustomer]:
    """Upsert one customer for each canonical mobile; returns them by mobile. Their rows stay locked until the commit.

    Empty fields of an existing customer are filled in, others are not overwritten.
    """
    rows = [_row(each, moment) for each in _one_for_each_mobile(fields)]
    unwilling = opted_out_among([row["mobile"] for row in rows])
    for row in rows:
        row["opted_out"] = row["mobile"] in unwilling
    insert = upsert(db.session(), Customer)
    statement = insert.on_conflict_do_update(
        index_elements=["organization_id", "mobile"],
        index_where=text("deleted_at IS NULL"),
        set_=_missing(insert.excluded),
    ).returning(Customer.id, Customer.mobile, Customer.created_at)
    found = db.session.execute(statement, prepare(Customer, rows))
    return {mobile: UpsertedCustomer(key, is_new=created == moment) for key, mobile, created in found}


def _one_for_each_mobile(fields: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Merge *fields* by mobile; earlier values take precedence.

    Sorted by mobile, so that concurrent transactions lock rows in the same order.
    """
    merged: dict[str, dict[str, Any]] = {}
    for each in fields:
        known = merged.setdefault(each["mobile"], dict(each))
        if not (known.get("first_name") or known.get("last_name")):
            known.update({name: each.get(name) for name in ("first_name", "last_name")})
        known.update({name: each.get(name) for name in _FILLED if not known.get(name)})
    return [merged[mobile] for mobile in sorted(merged)]


def _row(fields: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    names = ("mobile", "first_name", "last_name", *_FILLED)
    customer = Customer(**{name: fields.get(name) or None for name in names})
    row = {name: getattr(customer, name) for name in names}
    return row | customer.search_keys() | {"created_at": moment, "updated_at": moment}


def _missing(excluded: Any) -> dict[str, Any]:
    nameless = func.coalesce(Customer.first_name, "") + func.coalesce(Customer.last_name, "") == ""
    filled: dict[str, Any] = {
        name: case((nameless, excluded[name]), else_=getattr(Customer, name)) for name in _NAME
    }
    for name in _FILLED:
        there = func.nullif(getattr(Customer, name), "")
        filled[name] = func.coalesce(there, excluded[name])
        key = key_name(name)
        filled[key] = case((there.is_(None), excluded[key]), else_=getattr(Customer, key))
    # The version counts only real changes, since it makes open forms of the customer conflict.
    changed = or_(*(getattr(Customer, name).is_distinct_from(value) for name, value in filled.items()))
    version = case((changed, Customer.row_version + 1), else_=Customer.row_version)
    return filled | {"updated_at": excluded.updated_at, "row_version": version}
