"""Merges customers: the oldest of them gets the chosen values and all rows, the others are hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.errors import Conflict
from app.extensions import db
from app.lib.mobile import display_mobile
from app.services.audit.record import muted, note, record
from app.services.merge.absorb import add_former_mobiles, hide, move_addresses, move_phones
from app.services.merge.fields import merged_values, write_field
from app.services.merge.moves import Moves, lock_work
from app.services.merge.repeats import join_repeats
from app.services.order.phone import write_phones_key
from models.audit.values import plain
from models.child.one_flag import settle_flag
from models.customer import Address, Customer
from models.customer_merge import CustomerMerge
from models.tenancy.scope import whole_organization

LEAST, MOST = 2, 5


class Outdated(Conflict):
    """The customers are no longer those that the member compared."""


@dataclass(frozen=True)
class Wish:
    """What a member asked for: the versions that they saw, by customer, and whose value they chose, by field."""

    versions: Mapping[int, int]
    chosen: Mapping[str, int]


def merge_customers(wish: Wish, *, at: datetime) -> CustomerMerge:
    """Merge the customers of *wish* and flush; raises `Outdated` where one of them changed meanwhile."""
    session = db.session()
    with whole_organization(session):
        customers = _locked(wish)
        values = merged_values(customers, wish.chosen)
        survivor, *absorbed = customers
        act = _begin(survivor, absorbed, values, at)
        numbers = [each.mobile for each in customers if each.mobile != values["mobile"]]
        owners = {each.mobile: each.id for each in customers}
        lock_work([each.id for each in customers])
        moves = Moves(act, survivor.id, [each.id for each in absorbed])
        hide(absorbed, survivor, at)
        move_phones(moves, at, values["mobile"])
        move_addresses(moves)
        moves.run()
        for name, value in values.items():
            write_field(survivor, name, value)
        session.flush()
        add_former_mobiles(moves, numbers, owners)
        settle_flag(session, Address, survivor.id)
        write_phones_key(survivor.id)
        join_repeats(moves)
        act.moved = moves.count
        _record(survivor, absorbed, act)
        session.flush()
    return act


def _locked(wish: Wish) -> list[Customer]:
    """The customers, the oldest first, locked as orders lock them."""
    statement = select(Customer).where(Customer.id.in_(wish.versions)).order_by(Customer.mobile)
    locked = statement.with_for_update(of=Customer, key_share=True)
    found = db.session.scalars(locked.execution_options(populate_existing=True)).all()
    if len(found) != len(wish.versions):
        raise Outdated(_("One of these customers was deleted or merged meanwhile."))
    if any(each.row_version != wish.versions[each.id] for each in found):
        raise Outdated(_("One of these customers was changed meanwhile. Look at the values once more."))
    return sorted(found, key=lambda each: each.id)


def _begin(
    survivor: Customer, absorbed: Sequence[Customer], values: Mapping[str, Any], at: datetime
) -> CustomerMerge:
    changed = {name: value for name, value in values.items() if getattr(survivor, name) != value}
    act = CustomerMerge(
        survivor_id=survivor.id,
        absorbed=[{"id": each.id, "name": each.name, "mobile": each.mobile} for each in absorbed],
        before={name: plain(getattr(survivor, name)) for name in changed},
        after={name: plain(value) for name, value in changed.items()},
        created_at=at,
    )
    with muted():
        db.session.add(act)
    return act


def _record(survivor: Customer, absorbed: Sequence[Customer], act: CustomerMerge) -> None:
    names = "، ".join(f"{each.name} {display_mobile(each.mobile)}".strip() for each in absorbed)
    record("merge", survivor, after={"merged": names, "rows": act.moved})
    for each in absorbed:
        note("merge", Customer, each.id)
        db.session.expire(each)
