"""Gives the rows of a merged customer back to them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, literal, select, union_all, update

from app.extensions import db
from app.services.audit.record import muted
from app.services.merge.fields import write_field
from app.services.merge.moves import move_back, take
from app.services.merge.relations import MOVED
from models.customer import Address, Customer, CustomerPhone
from models.customer_merge import CustomerMerge, MergedRow


def remove_former_mobiles(act: CustomerMerge, survivor: Customer) -> None:
    """Remove the phones that the merge added, unless they were changed since."""
    numbers = {each["mobile"] for each in act.absorbed} | {act.before.get("mobile", survivor.mobile)}
    statement = select(MergedRow.row_id, MergedRow.before).where(
        MergedRow.merge_id == act.id, MergedRow.relation == "former_mobiles"
    )
    for key, before in db.session.execute(statement).all():
        phone = db.session.scalar(select(CustomerPhone).where(CustomerPhone.id == key))
        if phone is None or phone.number not in numbers or phone.customer_id != survivor.id:
            continue
        if before is None:
            db.session.delete(phone)
        else:
            phone.was_mobile = False
    db.session.flush()


def restore_fields(act: CustomerMerge, survivor: Customer) -> list[str]:
    """Write the values before the merge; returns the fields that were changed since, which stay."""
    changed = [name for name, value in act.after.items() if getattr(survivor, name) != value]
    values = {name: value for name, value in act.before.items() if name not in changed}
    # The wish for no SMS belongs to a number, so it goes before the number does.
    for name in sorted(values, key=lambda each: each != "opted_out"):
        write_field(survivor, name, values[name])
        db.session.flush()
    return changed


def show(keys: Sequence[int]) -> None:
    values = {"merged_into_id": None, "deleted_at": None, "deleted_by_id": None, "delete_batch": None}
    statement = update(Customer).where(Customer.id.in_(keys))
    db.session.execute(
        statement.values({**values, "updated_at": Customer.updated_at}),
        execution_options={"synchronize_session": False, "keeps_version": True, "with_deleted": True},
    )


def give_back(act: CustomerMerge, survivor_id: int, customer_id: int, mobile: str) -> None:
    for each in MOVED:
        move_back(each, act, customer_id)
    former = select(CustomerPhone.number).where(
        CustomerPhone.customer_id == customer_id, CustomerPhone.was_mobile
    )
    numbers = [mobile, *db.session.scalars(former)]
    for each in MOVED:
        condition = each.follows(customer_id, numbers)
        if condition is not None:
            take(each, condition, survivor_id, customer_id)


def restore_children(act: CustomerMerge) -> None:
    """Phones with the number of another one come back, and the default addresses are defaults again."""
    session = db.session()
    for model in (CustomerPhone, Address):
        noted = MergedRow.merge_id == act.id, MergedRow.relation == model.__tablename__
        statement = select(MergedRow.row_id, MergedRow.before).where(*noted, MergedRow.before.is_not(None))
        for key, before in session.execute(statement).all():
            values = {**before, "updated_at": model.updated_at}
            if "deleted_at" in before:
                values["deleted_by_id"] = None
            write = update(model).where(model.id == key).values(values)
            with muted():
                session.execute(
                    write,
                    execution_options={
                        "synchronize_session": False,
                        "keeps_version": True,
                        "with_deleted": True,
                    },
                )
    session.expire_all()


def stayed(act: CustomerMerge, survivor_id: int) -> dict[str, int]:
    """The rows that were added since and stay with the survivor, because nothing says whose they are."""
    counts = [
        select(literal(number), func.count(each.model.id)).where(
            each.of([survivor_id]), each.model.created_at > act.created_at
        )
        for number, each in enumerate(MOVED)
        if each.label is not None and (not each.parents or each.number is not None)
    ]
    found = db.session.execute(union_all(*counts))
    return {str(MOVED[number].label): count for number, count in found if count}
