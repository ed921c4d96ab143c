"""Finds or creates the customers of incoming orders in one statement, which locks their rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, func, or_, select, text
from sqlalchemy.dialects import postgresql

from app.extensions import db
from app.lib.clock import now
from app.services.audit.record import muted, note
from app.services.bulk import among, insert_many, prepare
from app.services.sms.consent import opted_out_among
from models.customer import Customer, CustomerPhone
from models.filter_keys import key_name
from models.tenancy.scope import whole_organization
from models.text_rules import as_stored
from models.upsert import complete

# First and last name are filled in together, never half by half.
_NAME = ("first_name", "last_name", "search_key", "sort_key", "name_key")
_FILLED = ("email", "province", "city")
_GIVEN = ("mobile", "first_name", "last_name", *_FILLED)


@dataclass(frozen=True)
class UpsertedCustomer:
    id: int
    is_new: bool
    # The number is a former mobile of the customer.
    is_former: bool = False


def upsert_customers(fields: Iterable[Mapping[str, Any]], *, moment: datetime) -> dict[str, UpsertedCustomer]:
    """Upsert one customer for each canonical mobile; returns them by mobile. Their rows stay locked until the commit.

    Empty fields of an existing customer are filled in, others are not overwritten. A number that was the mobile of a
    merged customer finds the customer that they became.
    """
    given = _one_for_each_mobile(fields)
    found = _upsert(given, moment)
    # Asked after the insert, which waits for a merge that is under way.
    former = former_mobiles([mobile for mobile, each in found.items() if each.is_new])
    if not former:
        return found
    with muted():
        mistaken = [found[mobile].id for mobile in former]
        statement = delete(Customer).where(Customer.id.in_(mistaken))
        db.session.execute(statement.execution_options(synchronize_session=False))
    theirs = [{**each, "mobile": former[each["mobile"]][1]} for each in given if each["mobile"] in former]
    survivors = _upsert(_one_for_each_mobile(theirs), moment)
    return found | {
        old: UpsertedCustomer(survivors[mobile].id, is_new=False, is_former=True)
        for old, (_key, mobile) in former.items()
    }


def former_mobiles(mobiles: Collection[str]) -> dict[str, tuple[int, str]]:
    """The customers (id and present mobile) whose former mobiles are among *mobiles*, by these."""
    if not mobiles:
        return {}
    # Few numbers are former mobiles, so the customers are not joined before these are known.
    numbers = select(CustomerPhone.number).where(
        among(CustomerPhone.number, mobiles), CustomerPhone.was_mobile
    )
    former = db.session.scalars(numbers).all()
    if not former:
        return {}
    statement = (
        select(CustomerPhone.number, Customer.id, Customer.mobile)
        .join(Customer, Customer.id == CustomerPhone.customer_id)
        .where(among(CustomerPhone.number, former), CustomerPhone.was_mobile)
        .order_by(CustomerPhone.id)
    )
    return {number: (key, mobile) for number, key, mobile in db.session.execute(statement)}


def present_customer(key: int) -> int:
    """The customer *key*, or the one that they became by merges; shared with other writers until the commit.

    A merge that is under way is waited for, and one that comes later waits, so that it moves what is added here.
    """
    options = {"with_deleted": True, "populate_existing": True}
    with whole_organization(db.session()):  # a member may have lost sight of them by the merge
        while True:
            statement = select(Customer.merged_into_id).where(Customer.id == key)
            into = db.session.scalar(
                statement.with_for_update(read=True, of=Customer), execution_options=options
            )
            if into is None:
                return key
            key = into


def _upsert(fields: Sequence[Mapping[str, Any]], moment: datetime) -> dict[str, UpsertedCustomer]:
    rows = [_row(each, moment) for each in fields]
    unwilling = opted_out_among([row["mobile"] for row in rows])
    for row in rows:
        row["opted_out"] = row["mobile"] in unwilling
    found = insert_many(
        Customer,
        complete(db.session.connection(), Customer, prepare(Customer, rows)),
        conflict=_fill_in,
        returning=[Customer.id, Customer.mobile, Customer.created_at],
    )
    return {mobile: UpsertedCustomer(key, is_new=created == moment) for key, mobile, created in found}


def find_or_add(fields: Mapping[str, Any]) -> Customer:
    """The customer with the canonical mobile in *fields*, added if there is none; locked until the commit."""
    session = db.session()
    with whole_organization(session):
        found = upsert_customers([fields], moment=now())[fields["mobile"]]
        if found.is_new:
            note("add", Customer, found.id, after=fields)
        return session.get_one(Customer, found.id, populate_existing=True)


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
    row = as_stored(Customer, {name: fields.get(name) or None for name in _GIVEN})
    keys = Customer.keys_of(row["first_name"], row["last_name"], row["mobile"])
    return row | keys | {"created_at": moment, "updated_at": moment}


def _fill_in(insert: postgresql.Insert) -> postgresql.Insert:
    """*insert* that fills in the empty fields of the customers that exist."""
    return insert.on_conflict_do_update(
        index_elements=["organization_id", "mobile"],
        index_where=text("deleted_at IS NULL"),
        set_=_missing(insert.excluded),
    )


def _missing(excluded: Any) -> dict[str, Any]:
    nameless = func.coalesce(Customer.first_name, "") + func.coalesce(Customer.last_name, "") == ""
    filled: dict[str, Any] = {
        name: case((nameless, excluded[name]), else_=getattr(Customer, name)) for name in _NAME
    }
    # The phones of a customer are found by the name that they get.
    filled["search_key"] = case(
        (nameless, excluded.search_key + Customer.phones_key), else_=Customer.search_key
    )
    for name in _FILLED:
        there = func.nullif(getattr(Customer, name), "")
        filled[name] = func.coalesce(there, excluded[name])
        key = key_name(name)
        filled[key] = case((there.is_(None), excluded[key]), else_=getattr(Customer, key))
    # The version counts only real changes, since it makes open forms of the customer conflict.
    changed = or_(*(getattr(Customer, name).is_distinct_from(value) for name, value in filled.items()))
    version = case((changed, Customer.row_version + 1), else_=Customer.row_version)
    return filled | {"updated_at": excluded.updated_at, "row_version": version}
