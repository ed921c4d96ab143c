"""Everything that is stored about a customer: the rows of each table, for a file that they may ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.services.erasure.files import attached_to
from app.services.erasure.person import WITH_DELETED, Person
from models.assignment import Assignment
from models.attachment import Attachment
from models.customer import Address, Customer, CustomerPhone
from models.customer_merge import CustomerMerge
from models.dossier import DossierContact
from models.follow_up import FollowUp, FollowUpEntry
from models.order import Order
from models.sale import Sale, SaleItem
from models.sms.campaign import SmsExclusion
from models.sms.consent import SmsBlock, SmsInbound, SmsOptOut
from models.sms.message import SmsMessage
from models.support import SupportEntry
from models.task import Task
from models.tenancy.scope import actor_of
from models.transaction import Transaction


@dataclass(frozen=True)
class Stored:
    """A table with rows of persons: the column that names a row, and that of its moment."""

    model: Any
    name: str
    at: str = "created_at"


TABLES = (
    Stored(Customer, "name"),
    Stored(CustomerPhone, "number"),
    Stored(Address, "line"),
    Stored(DossierContact, "dossier"),
    Stored(Order, "product", "ordered_at"),
    Stored(Assignment, "to_member", "started_at"),
    Stored(FollowUp, "product"),
    Stored(FollowUpEntry, "result_title", "at"),
    Stored(Sale, "status", "sold_at"),
    Stored(SaleItem, "product"),
    Stored(SupportEntry, "result_title", "at"),
    Stored(Transaction, "method", "at"),
    Stored(SmsMessage, "body"),
    Stored(SmsInbound, "text", "received_at"),
    Stored(SmsExclusion, "reason", "at"),
    Stored(SmsOptOut, "source", "at"),
    Stored(SmsBlock, "reason"),
    Stored(Task, "title"),
    Stored(Attachment, "original_name"),
    Stored(CustomerMerge, "moved"),
)


def stored_rows(person: Person) -> Iterator[tuple[Stored, Sequence[Any]]]:
    """The rows of each table, deleted ones too, with the rows that they name. Ask within the whole organisation."""
    for table in TABLES:
        relations = [
            each.class_attribute for each in table.model.__mapper__.relationships if not each.uselist
        ]
        statement = select(table.model).where(_of(table.model, person)).order_by(table.model.id)
        statement = statement.options(*(selectinload(each) for each in relations))
        yield table, db.session.scalars(statement, execution_options=WITH_DELETED).all()


def _of(model: Any, person: Person) -> ColumnElement[bool]:
    own: ColumnElement[bool] = model.id.in_(person.of(model))
    conditions = {
        DossierContact: lambda: DossierContact.mobile.in_(person.numbers),
        SaleItem: lambda: SaleItem.sale_id.in_(person.of(Sale)),
        SmsMessage: lambda: own | (SmsMessage.customer_id.is_(None) & SmsMessage.mobile.in_(person.numbers)),
        SmsInbound: lambda: _answers(person),
        SmsOptOut: lambda: SmsOptOut.number_digest.in_(person.numbers),
        SmsBlock: lambda: SmsBlock.mobile.in_(person.numbers),
        Attachment: lambda: attached_to(person),
        CustomerMerge: lambda: CustomerMerge.survivor_id.in_(person.keys),
    }
    return conditions[model]() if model in conditions else own


def _answers(person: Person) -> ColumnElement[bool]:
    """The texts from the numbers that follow a message of the organisation; lines are shared by organisations."""
    sent = exists(
        select(1).where(
            SmsMessage.organization_id == actor_of(db.session()).organization_id,
            SmsMessage.mobile == SmsInbound.mobile,
            SmsMessage.provider_id == SmsInbound.provider_id,
            SmsMessage.created_at <= SmsInbound.received_at,
        )
    )
    return SmsInbound.mobile.in_(person.numbers) & sent
