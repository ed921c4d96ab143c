"""The numbers of customers: their search key, the mobiles of their texts, and mobiles that were changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.extensions import db
from app.lib.persian import fold
from models.customer import Customer, CustomerPhone
from models.sms.message import SmsMessage
from models.tenancy.scope import whole_organization
from models.trash import on_trash_change

# A mobile without the prefix of the country, as `Customer.phones_key` has it.
_MOBILE = re.compile(r"9\d{9}")


def own_mobiles(customer: Customer) -> list[str]:
    """The mobile of the customer and their phones that are mobiles, without those that are the mobile of somebody else."""
    digits = [each for each in (customer.phones_key or "").split("|") if _MOBILE.fullmatch(each)]
    others = [number for each in digits if (number := f"+98{each}") != customer.mobile]
    if not others:
        return [customer.mobile]
    session = db.session()
    with whole_organization(session):  # a consultant does not see each customer
        taken = set(session.scalars(select(Customer.mobile).where(Customer.mobile.in_(others))))
    return [customer.mobile, *(each for each in others if each not in taken)]


def keep_former_mobile(customer: Customer, number: str) -> None:
    """Add *number*, which the customer had, to their phones if messages have gone to it; a mistyped one has none."""
    session = db.session()
    messages = select(SmsMessage.id).where(SmsMessage.customer_id == customer.id, SmsMessage.mobile == number)
    phones = select(CustomerPhone.id).where(
        CustomerPhone.customer_id == customer.id, CustomerPhone.number == number
    )
    with whole_organization(session):
        if session.scalar(messages.limit(1)) is None or session.scalar(phones) is not None:
            return
        title = str(_("Former mobile"))
        session.add(CustomerPhone(customer_id=customer.id, number=number, title=title))
        session.flush()
    write_phones_key(customer.id)


def write_phones_key(customer_id: int) -> None:
    """Write the search key of the customer anew; their version stays, because no form shows the key."""
    session = db.session()
    with whole_organization(session):
        of_customer = select(CustomerPhone.number).where(CustomerPhone.customer_id == customer_id)
        numbers = session.scalars(of_customer.order_by(CustomerPhone.id)).all()
        customer = session.scalar(select(Customer).where(Customer.id == customer_id))
        if customer is None:
            return
        key = "".join(f"|{number.removeprefix('+98')}" for number in numbers)
        words = fold(customer.search_text()) + key
        values = {"phones_key": key, "search_key": words, "updated_at": Customer.updated_at}
        session.execute(
            update(Customer).where(Customer.id == customer_id).values(values),
            execution_options={"synchronize_session": False, "keeps_version": True},
        )
        session.expire(customer, ["phones_key", "search_key"])


@on_trash_change(CustomerPhone)
def _follow(keys: Sequence[int], _restored: bool) -> None:  # noqa: FBT001 - the signature of listeners
    of_phones = select(CustomerPhone.customer_id).where(CustomerPhone.id.in_(keys)).distinct()
    customers = db.session.scalars(of_phones, execution_options={"with_deleted": True}).all()
    for customer_id in sorted(customers):
        write_phones_key(customer_id)
