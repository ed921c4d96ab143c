"""Groups of customers that are probably one person: they share a number, or a folded name and a city.

Groups come in the order of their key, so that a page is read from an index, and the next one begins after the last key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, select, tuple_, union

from app.extensions import db
from models.customer import Customer, CustomerPhone
from models.order import Order

GROUPS = 20
# A group shows at most this many customers; the others appear once these are merged.
MOST_SHOWN = 10

Key = tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """A customer of a group."""

    id: int
    name: str
    mobile: str
    city: str
    created_at: datetime
    orders: int


@dataclass(frozen=True)
class Group:
    """Customers with the same key: a number, or a folded name and city."""

    key: Key
    people: list[Person] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True)
class Groups:
    """A page of groups, and the key after which the next page begins; None on the last page."""

    groups: Sequence[Group]
    after: Key | None


def groups_by_number(after: Key | None = None, *, size: int = GROUPS) -> Groups:
    """The groups that share a number, as mobile or as another phone."""
    found = db.session.execute(_shared_numbers(after).limit(size + 1)).all()
    keys, following = _page(found, size)
    if not keys:
        return Groups([], None)
    numbers = [key[0] for key in keys]
    phones = select(CustomerPhone.number.label("number"), CustomerPhone.customer_id.label("customer_id"))
    mobiles = select(Customer.mobile, Customer.id).where(Customer.mobile.in_(numbers))
    pairs = union(phones.where(CustomerPhone.number.in_(numbers)), mobiles).subquery()
    members = select(pairs.c.number, *_person()).join(pairs, pairs.c.customer_id == Customer.id)
    rows = db.session.execute(members.order_by(pairs.c.number, Customer.id))
    return Groups(_grouped(keys, (((number,), values) for number, *values in rows)), following)


def _shared_numbers(after: Key | None) -> Select[Any]:
    """The numbers that several customers have, each part in one pass over an index."""
    phone = CustomerPhone
    # One customer has a number once.
    of_phones = select(phone.number.label("number")).group_by(phone.number).having(func.count() > 1)
    of_mobiles = (
        select(phone.number)
        .join(Customer, Customer.mobile == phone.number)
        .where(phone.number.startswith("+989"), Customer.id != phone.customer_id)
    )
    if after is not None:
        of_phones = of_phones.where(phone.number > after[0])
        of_mobiles = of_mobiles.where(phone.number > after[0])
    shared = union(of_phones, of_mobiles).subquery()
    return select(shared.c.number).order_by(shared.c.number)


def groups_by_name(after: Key | None = None, *, size: int = GROUPS) -> Groups:
    """The groups with the same full name in the same city, spelt in any way."""
    found = db.session.execute(_shared_names(after).limit(size + 1)).all()
    keys, following = _page(found, size)
    if not keys:
        return Groups([], None)
    columns = _name_city()
    place = func.row_number().over(partition_by=columns, order_by=Customer.id)
    total = func.count().over(partition_by=columns)
    ranked = (
        select(Customer.id.label("id"), place.label("place"), total.label("total"))
        .where(_has_both(), tuple_(*columns).in_(keys))
        .subquery()
    )
    members = (
        select(*columns, ranked.c.total, *_person())
        .join(ranked, ranked.c.id == Customer.id)
        .where(ranked.c.place <= MOST_SHOWN)
        .order_by(*columns, Customer.id)
    )
    totals: dict[Key, int] = {}
    rows = []
    for name, city, count, *values in db.session.execute(members):
        totals[name, city] = count
        rows.append(((name, city), values))
    groups = _grouped(keys, rows)
    return Groups(
        [Group(each.key, each.people, totals.get(each.key, 0) - len(each.people)) for each in groups],
        following,
    )


def _name_city() -> tuple[Any, Any]:
    return Customer.name_key, Customer.city_key


def _has_both() -> ColumnElement[bool]:
    # Literals, because PostgreSQL matches partial indexes only against literal conditions.
    return and_(*(column != literal_column("''") for column in _name_city()))


def _shared_names(after: Key | None) -> Select[Any]:
    columns = _name_city()
    statement = select(*columns).where(_has_both())
    if after is not None:
        statement = statement.where(tuple_(*columns) > tuple_(*after))
    return statement.group_by(*columns).having(func.count() > 1).order_by(*columns)


def _person() -> tuple[Any, ...]:
    orders = select(func.count(Order.id)).where(Order.customer_id == Customer.id)
    return (
        Customer.id,
        Customer.first_name,
        Customer.last_name,
        Customer.mobile,
        Customer.city,
        Customer.created_at,
        orders.scalar_subquery(),
    )


def _page(found: Sequence[Any], size: int) -> tuple[list[Key], Key | None]:
    keys = [tuple(row) for row in found]
    return keys[:size], keys[size - 1] if len(keys) > size else None


def _grouped(keys: Sequence[Key], rows: Iterable[tuple[Key, Sequence[Any]]]) -> list[Group]:
    """The groups of *keys*; those that only one customer in sight belongs to are left out."""
    groups = {key: Group(key) for key in keys}
    for key, (customer_id, first, last, mobile, city, at, orders) in rows:
        name = f"{first or ''} {last or ''}".strip()
        groups[key].people.append(Person(customer_id, name, mobile, city or "", at, orders))
    return [each for each in groups.values() if len(each.people) > 1]
