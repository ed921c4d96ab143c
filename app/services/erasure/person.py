"""What is known about a customer: their rows, their numbers, and the texts that name them alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.lib.persian import fold
from app.services.merge.relations import MOVED
from models.customer import Address, Customer, CustomerPhone
from models.order import Order
from models.sale import Sale
from models.transaction import Transaction

WITH_DELETED = {"with_deleted": True}
# Shorter texts could be parts of other words.
_SHORTEST = 8


@dataclass(frozen=True)
class Person:
    """A customer with those that were merged into them; `rows` has the keys of their rows by table."""

    customers: Sequence[Customer]
    rows: Mapping[Any, Sequence[int]]
    mobiles: Sequence[str]
    # The mobiles, their other phones, and the numbers with which they ordered.
    numbers: Sequence[str]
    # Texts that no other customer of the organisation has, the longest first.
    texts: Sequence[str]

    @property
    def keys(self) -> Sequence[int]:
        return [each.id for each in self.customers]

    def of(self, model: Any) -> Sequence[int]:
        return self.rows.get(model, ())


def find_person(customer: Customer) -> Person:
    """The person that *customer* is, with their rows locked and the texts that name them."""
    person = _person(_with_merged(customer, lock=True))
    return replace(person, texts=_texts(person.customers, person.keys, person.numbers))


def read_person(customer: Customer) -> Person:
    """The person that *customer* is, without locks and texts."""
    return _person(_with_merged(customer, lock=False))


def _person(customers: Sequence[Customer]) -> Person:
    keys = [each.id for each in customers]
    rows: dict[Any, Sequence[int]] = {Customer: keys}
    for each in MOVED:
        rows[each.model] = _all(select(each.model.id).where(each.of(keys)))
    rows[Transaction] = _all(select(Transaction.id).where(Transaction.sale_id.in_(rows[Sale])))
    mobiles = [each.mobile for each in customers]
    return Person(customers, rows, mobiles, _numbers(mobiles, keys), texts=())


def _with_merged(customer: Customer, *, lock: bool) -> Sequence[Customer]:
    found, keys = [customer], [customer.id]
    while keys:
        merged = select(Customer).where(Customer.merged_into_id.in_(keys))
        more = _all(merged.with_for_update(of=Customer) if lock else merged)
        found, keys = [*found, *more], [each.id for each in more]
    return found


def _numbers(mobiles: Sequence[str], keys: Sequence[int]) -> Sequence[str]:
    phones = _all(select(CustomerPhone.number).where(CustomerPhone.customer_id.in_(keys)))
    placed = _all(select(Order.placed_with).where(Order.customer_id.in_(keys)))
    return list(dict.fromkeys(each for each in (*mobiles, *phones, *placed) if each))


def _texts(customers: Sequence[Customer], keys: Sequence[int], numbers: Sequence[str]) -> Sequence[str]:
    own = [number for number in numbers if not _has_other(number, keys)]
    found = list(own)
    names = [name for each in customers if each.name_key for name in (each.name, _surname_first(each))]
    found += [name for name in names if _is_unique_name(name, keys)]
    for column in (Customer.email, Customer.national_id, Address.line, Address.postal_code):
        found += _unique_values(column, keys)
    found += [each for each in _unique_values(Address.receiver, keys) if _is_unique_name(each, keys)]
    return sorted({text for text in found if len(text) >= _SHORTEST}, key=len, reverse=True)


def _surname_first(customer: Customer) -> str:
    return f"{customer.last_name or ''} {customer.first_name or ''}".strip()


def _has_other(number: str, keys: Sequence[int]) -> bool:
    mobiles = select(Customer.id).where(Customer.mobile == number, Customer.id.not_in(keys))
    phones = select(CustomerPhone.id).where(
        CustomerPhone.number == number, CustomerPhone.customer_id.not_in(keys)
    )
    return bool(_all(mobiles.limit(1)) or _all(phones.limit(1)))


def _is_unique_name(name: str, keys: Sequence[int]) -> bool:
    same = select(Customer.id).where(Customer.name_key == fold(name), Customer.id.not_in(keys))
    return not _all(same.limit(1))


def _unique_values(column: Any, keys: Sequence[int]) -> Sequence[str]:
    """The values of *column* in rows of the person that no row of another customer has."""
    key = Customer.id if column.class_ is Customer else column.class_.customer_id
    values = _all(select(column).where(key.in_(keys), func.length(column) >= _SHORTEST))
    others = set(_all(select(column).where(key.not_in(keys), column.in_(values)))) if values else set()
    return [each for each in values if each not in others]


def _all(statement: Any) -> Sequence[Any]:
    return db.session.scalars(statement, execution_options=WITH_DELETED).all()
