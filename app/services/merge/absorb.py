"""What the oldest customer of a merge takes over from the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update

from app.extensions import db
from app.services.merge.moves import Moves
from models.customer import Address, Customer, CustomerPhone
from models.tenancy.scope import actor_of


def hide(absorbed: Sequence[Customer], survivor: Customer, at: datetime) -> None:
    values = {
        "merged_into_id": survivor.id,
        "deleted_at": at,
        "deleted_by_id": actor_of(db.session()).member_id,
        "updated_at": Customer.updated_at,
    }
    statement = update(Customer).where(Customer.id.in_([each.id for each in absorbed])).values(values)
    db.session.execute(statement, execution_options={"synchronize_session": False, "keeps_version": True})


def move_phones(moves: Moves, at: datetime, mobile: str) -> None:
    """Of two phones with one number, that of the survivor or the older one stays; the other one is deleted."""
    statement = select(CustomerPhone).where(CustomerPhone.customer_id.in_([moves.survivor_id, *moves.keys]))
    phones = db.session.scalars(statement.order_by(CustomerPhone.id)).all()
    theirs = [each for each in phones if each.customer_id != moves.survivor_id]
    seen = {mobile, *(each.number for each in phones if each.customer_id == moves.survivor_id)}
    for phone in theirs:
        if phone.number in seen:
            moves.note("customer_phones", phone.id, phone.customer_id, before={"deleted_at": None})
            values = {"deleted_at": at, "deleted_by_id": actor_of(db.session()).member_id}
            moves.change(CustomerPhone, [phone.id], values)
        seen.add(phone.number)


def move_addresses(moves: Moves) -> None:
    """The default address of the survivor stays the default; without one it is that of the oldest."""
    statement = select(Address).where(
        Address.customer_id.in_([moves.survivor_id, *moves.keys]), Address.is_default
    )
    flagged = db.session.scalars(statement.order_by(Address.customer_id)).all()
    for number, address in enumerate(flagged):
        if address.customer_id != moves.survivor_id:
            moves.note("addresses", address.id, address.customer_id, before={"is_default": True})
        if number:
            moves.change(Address, [address.id], {"is_default": False})


def add_former_mobiles(moves: Moves, numbers: Sequence[str], owners: Mapping[str, int]) -> None:
    """The mobiles that no customer has any more become phones of the survivor; orders find them by these."""
    statement = select(CustomerPhone).where(CustomerPhone.customer_id == moves.survivor_id)
    known = {each.number: each for each in db.session.scalars(statement)}
    for number in numbers:
        phone = known.get(number)
        if phone is None:
            phone = CustomerPhone(customer_id=moves.survivor_id, number=number, was_mobile=True)
            db.session.add(phone)
            db.session.flush()
            moves.note("former_mobiles", phone.id, owners[number])
        elif not phone.was_mobile:
            phone.was_mobile = True
            moves.note("former_mobiles", phone.id, owners[number], before={"was_mobile": False})
