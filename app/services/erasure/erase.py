"""Erases the personal data of a customer. Sales, amounts and dates stay for the accounts, without a person."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import delete, null, or_, select, update

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.services.audit.erasure import erase_values
from app.services.audit.record import muted, record
from app.services.erasure.files import erase_files
from app.services.erasure.person import WITH_DELETED, Person, find_person
from app.services.erasure.sweep import replace_everywhere
from models.customer import Address, Customer, CustomerPhone
from models.customer_merge import CustomerMerge, MergedRow
from models.dossier import DossierContact
from models.follow_up import FollowUp, FollowUpEntry
from models.notifications.notification import Notification
from models.order import Order
from models.sale import Sale
from models.sms.campaign import SmsExclusion
from models.sms.consent import SmsInbound, SmsOptOut
from models.sms.message import SETTLED, SmsMessage
from models.support import SupportEntry
from models.task import Task
from models.tenancy.scope import actor_of, bind, whole_organization
from models.transaction import Transaction

# Numbers that no operator has; the columns of numbers must not be empty.
_NO_NUMBER = "+9898{:08d}"
_SECTIONS: Mapping[Any, tuple[str, ...]] = {
    Customer: ("customers",),
    Order: ("orders", "repeated-orders"),
    FollowUp: ("follow-ups",),
    Sale: ("sales", "support"),
    Task: ("tasks",),
    Transaction: ("transactions",),
}


@dataclass(frozen=True)
class Erased:
    """The result: the stored names of files, to be deleted after the commit."""

    files: list[str]


def erase_customer(customer: Customer) -> Erased:
    """Erase *customer* and those that were merged into them, and flush. Raises `DomainError` while work on them is open."""
    if customer.erased_at is not None:
        raise DomainError(_("The personal data of this customer are erased already."))
    session, label = db.session(), gettext("Erased customer")
    with ExitStack() as stack:
        stack.enter_context(whole_organization(session))
        stack.enter_context(muted())
        person = find_person(customer)
        _refuse_open(person)
        files = erase_files(person)
        for each in person.customers:
            _blank_customer(each, label)
        # Before the statements below, which would count the versions of these rows too.
        session.flush()
        _blank(person, label)
        _erase_unnamed(person)
        _erase_inbound(person)
        _replace_texts(person, label)
        by_name = {model.__name__: keys for model, keys in person.rows.items()}
        erase_values(by_name, person.texts, at=now())
    record("erase", customer)
    return Erased(files)


def _refuse_open(person: Person) -> None:
    open_work = select(FollowUp.id).where(FollowUp.id.in_(person.of(FollowUp)), FollowUp.not_closed())
    if db.session.scalar(open_work.limit(1)) is not None:
        raise DomainError(_("This customer has an open follow-up; close or delete it first."))
    waiting = select(SmsMessage.id).where(
        SmsMessage.id.in_(person.of(SmsMessage)), SmsMessage.state.not_in(SETTLED)
    )
    if db.session.scalar(waiting.limit(1)) is not None:
        raise DomainError(_("An SMS to this customer is on its way; try again when it is settled."))


def _blank(person: Person, label: str) -> None:
    """Empty the texts of the rows that stay."""
    values: Mapping[Any, Mapping[str, Any]] = {
        Order: {"note": None, "placed_with": None},
        FollowUpEntry: {"note": None, "before": null()},
        SupportEntry: {"note": None, "before": null()},
        Sale: {"reason": None, "support_next_at": None},
        Transaction: {"reason": None},
        SmsExclusion: {"mobile": None, "details": ""},
        Task: {"title": label, "description": None, "replaced": null(), "search_key": "", "sort_key": ""},
        Address: {"line": label, "province": None, "city": None, "postal_code": None, "receiver": None},
    }
    for model, blanks in values.items():
        _run(update(model).where(model.id.in_(person.of(model))).values(**blanks))
    for key in person.of(SmsMessage):
        blanks = {"mobile": _NO_NUMBER.format(key % 10**8), "body": label}
        _run(update(SmsMessage).where(SmsMessage.id == key).values(**blanks))
    # The digest stays, so that they get no message; the digits are no longer needed.
    _run(update(SmsOptOut).where(SmsOptOut.number_digest.in_(person.numbers)).values(ending=""))
    # Another phone may be that of somebody else, such as a relative; the mobile is the person's.
    _run(update(DossierContact).where(DossierContact.mobile.in_(person.mobiles)).values(name=label))
    _run(update(DossierContact).where(DossierContact.mobile.in_(person.numbers)).values(mobile=None))


def _erase_unnamed(person: Person) -> None:
    """Erase the rows that nothing has to name: phones, merges, notifications."""
    _run(delete(CustomerPhone).where(CustomerPhone.id.in_(person.of(CustomerPhone))))
    merges = select(CustomerMerge.id).where(CustomerMerge.survivor_id.in_(person.keys))
    _run(delete(MergedRow).where(MergedRow.merge_id.in_(merges)))
    _run(delete(CustomerMerge).where(CustomerMerge.survivor_id.in_(person.keys)))
    about = [
        Notification.section.in_(sections) & Notification.row_id.in_(person.of(model))
        for model, sections in _SECTIONS.items()
    ]
    _run(delete(Notification).where(or_(*about)))


def _erase_inbound(person: Person) -> None:
    """Erase texts from the numbers, which belong to no organisation, unless a customer of another one has the number."""
    elsewhere = select(Customer.mobile).where(
        Customer.mobile.in_(person.numbers),
        Customer.organization_id != actor_of(db.session()).organization_id,
    )
    # Reads whether a number is in use; no row of another organisation is shown or changed.
    used = set(db.session.scalars(elsewhere, execution_options={"unscoped": True, **WITH_DELETED}))
    alone = [number for number in person.numbers if number not in used]
    _run(delete(SmsInbound).where(SmsInbound.mobile.in_(alone)))


def _replace_texts(person: Person, label: str) -> None:
    session = db.session()
    actor = actor_of(session)
    # The notes of the platform's support on tickets of the organisation as well.
    bind(session, replace(actor, serves_tickets=True))
    replace_everywhere(person.texts, label)
    bind(session, actor)


def _blank_customer(customer: Customer, label: str) -> None:
    customer.mobile = _NO_NUMBER.format(customer.id % 10**8)
    customer.first_name, customer.last_name = label, None
    for name in ("email", "province", "city", "national_id", "note", "dossier_id"):
        setattr(customer, name, None)
    customer.phones_key, customer.opted_out, customer.erased_at = "", True, now()


def _run(statement: Any) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False, **WITH_DELETED})
