"""Undoes a merge: the customers are separate again, each with their own rows.

A row that was added since goes where its order, its follow-up or its number belongs. What nothing decides stays with the
survivor, and the member is informed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.errors import Conflict
from app.extensions import db
from app.lib.clock import now
from app.services.audit.record import muted, note, record
from app.services.merge.give_back import (
    give_back,
    remove_former_mobiles,
    restore_children,
    restore_fields,
    show,
    stayed,
)
from app.services.merge.moves import lock_work
from app.services.merge.repeats import part_repeats
from app.services.order.phone import write_phones_key
from models.child.one_flag import settle_flag
from models.customer import Address, Customer
from models.customer_merge import MERGE_RETENTION, CustomerMerge
from models.tenancy.scope import actor_of, whole_organization


class CannotUndo(Conflict):
    """The merge can't be undone; the message says why."""


@dataclass(frozen=True)
class Parted:
    """What an undo left with the survivor: new rows by the name of their table, fields and orders changed since."""

    survivor: Customer
    stayed: Mapping[str, int] = field(default_factory=dict)
    fields: Sequence[str] = ()
    orders: int = 0


def find_merge(key: int, *, lock: bool = False) -> CustomerMerge | None:
    statement = select(CustomerMerge).where(CustomerMerge.id == key)
    if lock:
        statement = statement.with_for_update(of=CustomerMerge).execution_options(populate_existing=True)
    return db.session.scalar(statement)


def undo_merge(act: CustomerMerge) -> Parted:
    """Undo *act*, which is locked, and flush; raises `CannotUndo`."""
    session = db.session()
    with whole_organization(session):
        survivor, absorbed = _locked(act)
        everybody = [survivor.id, *absorbed]
        lock_work(everybody)
        _refuse_taken(act, survivor, list(absorbed.values()))
        remove_former_mobiles(act, survivor)
        changed = restore_fields(act, survivor)
        show(list(absorbed))
        for key, customer in absorbed.items():
            give_back(act, survivor.id, key, customer.mobile)
        restore_children(act)
        for key in everybody:
            settle_flag(session, Address, key)
            write_phones_key(key)
        orders = part_repeats(act, everybody)
        parted = Parted(survivor, stayed(act, survivor.id), changed, orders)
        with muted():
            act.undone_at, act.undone_by_id = now(), actor_of(session).member_id
        _record(survivor, list(absorbed.values()))
        session.flush()
    return parted


def refuse_ended(act: CustomerMerge) -> None:
    """Raise `CannotUndo` where *act* was undone already or is too old."""
    if act.undone_at is not None:
        raise CannotUndo(_("This merge was undone already."))
    if act.created_at <= now() - MERGE_RETENTION:
        raise CannotUndo(_("The thirty days in which a merge can be undone are over."))


def _locked(act: CustomerMerge) -> tuple[Customer, dict[int, Customer]]:
    """The survivor and the absorbed customers, locked as orders lock them."""
    refuse_ended(act)
    keys = [each["id"] for each in act.absorbed]
    statement = select(Customer).where(Customer.id.in_([act.survivor_id, *keys])).order_by(Customer.mobile)
    locked = statement.with_for_update(of=Customer, key_share=True)
    options = {"with_deleted": True, "populate_existing": True}
    found = {each.id: each for each in db.session.scalars(locked, execution_options=options)}
    survivor = found[act.survivor_id]
    if survivor.merged_into_id is not None:
        raise CannotUndo(_("This customer was merged into another one since; undo that merge first."))
    if survivor.deleted_at is not None:
        raise CannotUndo(_("This customer is in the trash; restore them first."))
    return survivor, {key: found[key] for key in keys}


def _refuse_taken(act: CustomerMerge, survivor: Customer, absorbed: Sequence[Customer]) -> None:
    """A number that another customer has by now can't be given back."""
    after = dict(act.after)
    wanted = {each.mobile for each in absorbed}
    returns = "mobile" in act.before and survivor.mobile == after["mobile"]
    if returns:
        wanted.add(act.before["mobile"])
    taken = select(Customer).where(Customer.mobile.in_(wanted))
    if returns:
        taken = taken.where(Customer.id != survivor.id)
    other = db.session.scalar(taken.limit(1))
    if other is not None:
        words = _("«%(name)s» has one of these numbers by now.")
        raise CannotUndo(words, name=str(other))


def _record(survivor: Customer, absorbed: Sequence[Customer]) -> None:
    record("undo merge", survivor, after={"merged": "، ".join(map(str, absorbed))})
    for each in absorbed:
        note("undo merge", Customer, each.id)
