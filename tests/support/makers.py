"""The rows of each section in the world of the permission matrix, marked with the word of their owner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from flask_appbuilder.security.sqla.models import Role

from app.lib.clock import now
from app.services.imports.jobs import receive_file
from app.services.sms.local_ids import take_local_ids
from app.services.sms.provider import save_key
from models.assignment import Assignment, AssignmentMethod
from models.audit.event import AuditEvent
from models.job import ImportJob
from models.member import Member
from models.messages.message import Message
from models.messages.thread import Thread, ThreadKind, ThreadMember, Urgency
from models.order import OrderStatus
from models.organization import Organization, OrganizationStatus
from models.role import ExtraRole
from models.sms.campaign import CampaignKind, CampaignStatus, SmsCampaign
from models.sms.message import SmsMessage
from models.sms.provider import SmsProvider
from models.sms.template import SmsCategory, SmsVariable, SmsVariableValue
from tests import factories


def _customer(word: str, owner_id: int, number: int) -> Any:
    return factories.CustomerFactory(last_name=f"{word} {number}", created_by_id=owner_id)


def _order(word: str, owner_id: int, number: int) -> Any:
    return factories.OrderFactory(
        customer=_customer(word, owner_id, number), note=word, created_by_id=owner_id
    )


def _repeated_order(word: str, owner_id: int, number: int) -> Any:
    """A repeat that waits for a decision; the owner works on its first order."""
    first = follow_up(word, owner_id, number).order
    return factories.OrderFactory(
        customer=first.customer,
        product=first.product,
        note=word,
        status=OrderStatus.HELD,
        is_repeat=True,
        repeat_of_id=first.id,
    )


def follow_up(word: str, owner_id: int, number: int) -> Any:
    return factories.FollowUpFactory(
        consultant_id=owner_id, order__customer=_customer(word, owner_id, number), order__note=word
    )


def _sale(word: str, owner_id: int, number: int) -> Any:
    """A sale of the owner, whose customer they follow up."""
    order = follow_up(word, owner_id, number).order
    return factories.SaleFactory(order=order, consultant_id=owner_id, created_by_id=owner_id)


def _worked_on(word: str, owner_id: int, number: int) -> Any:
    """A customer with an open follow-up of the owner."""
    return follow_up(word, owner_id, number).customer


def _transaction(word: str, owner_id: int, number: int) -> Any:
    sale = _sale(word, owner_id, number)
    return factories.TransactionFactory(sale=sale, created_by_id=owner_id, reference=f"{owner_id}{number}")


def _task(word: str, owner_id: int, number: int) -> Any:
    return factories.TaskFactory(title=f"{word} {number}", owner_id=owner_id, created_by_id=owner_id)


def _dossier(word: str, owner_id: int, number: int) -> Any:
    return factories.DossierFactory(legal_name=f"{word} {number}", created_by_id=owner_id)


def _import(word: str, owner_id: int, number: int) -> ImportJob:
    text = f"موبایل,کالا,تاریخ\n0912123456{number},K-1,1405/06/01\n"
    return receive_file(BytesIO(text.encode()), name=f"{word}-{number}.csv", client_token=uuid4())


def _account(word: str, owner_id: int, number: int) -> Member:
    """An account is there already: whose it is has his word in his name."""
    person = factories.db.session.get_one(Member, owner_id)
    person.last_name = word
    return person


def _reported(word: str, owner_id: int, number: int) -> Member:
    """A row of a report is a member, to whom a number was assigned."""
    order = follow_up(word, owner_id, number).order
    line = Assignment(order_id=order.id, to_member_id=owner_id, method=AssignmentMethod.MANUAL)
    factories.db.session.add(line)
    factories.db.session.flush()
    return _account(word, owner_id, number)


def _member(word: str, owner_id: int, number: int) -> Member:
    """Somebody whom the owner invited."""
    here = factories.db.session.get_one(Member, owner_id).organization
    person = factories.member(
        "Consultant", here, f"invited-{owner_id}-{number}", last_name=f"{word} {number}"
    )
    person.created_by_fk = owner_id
    return person


def _role(word: str, owner_id: int, number: int) -> ExtraRole:
    title = f"{word} {number}"
    row = ExtraRole(title=title, role=Role(name=f"all:0:{owner_id} {number}"), created_by_id=owner_id)
    factories.db.session.add_all([row.role, row])
    factories.db.session.flush()
    return row


def _organization(word: str, owner_id: int, number: int) -> Organization:
    row = factories.organization_with(f"found-{owner_id}-{number}")
    row.name = f"{word} {number}"
    return row


def _member_asleep(word: str, owner_id: int) -> Member:
    person = _member(word, owner_id, 3)
    person.active = False
    return person


def _organization_asleep(word: str, owner_id: int) -> Organization:
    row = _organization(word, owner_id, 3)
    row.status = OrganizationStatus.SUSPENDED
    return row


def _deleted(section: str) -> Callable[[str, int], Any]:
    """A row of *section* in the trash, where its owner put it."""

    def make(word: str, owner_id: int, number: int = 3) -> Any:
        row = MAKERS[section](word, owner_id, number)
        row.deleted_at, row.deleted_by_id, row.delete_batch = now(), owner_id, uuid4()
        factories.db.session.flush()
        return row

    return make


def _event(word: str, owner_id: int, number: int) -> AuditEvent:
    event = AuditEvent(actor_id=owner_id, action="edit", object_type="Product", after={"@label": word})
    factories.db.session.add(event)
    factories.db.session.flush()
    return event


def _campaign(word: str, owner_id: int, number: int) -> SmsCampaign:
    row = SmsCampaign(
        client_token=uuid4(),
        kind=CampaignKind.BULK,
        status=CampaignStatus.RUNNING,
        title=f"{word} {number}",
        body=word,
        category=SmsCategory.PATTERN,
        expires_at=now() + timedelta(days=1),
        confirmed_at=now(),
        created_by_id=owner_id,
    )
    factories.db.session.add(row)
    factories.db.session.flush()
    return row


def make_message(word: str, owner_id: int, number: int) -> SmsMessage:
    campaign = _campaign(word, owner_id, number)
    row = SmsMessage(
        campaign_id=campaign.id,
        customer_id=_customer(word, owner_id, number).id,
        mobile=f"+98912{owner_id:04}{number:03}",
        body=word,
        segments=1,
        local_id=take_local_ids(1)[0],
        not_before=now(),
        expires_at=now() + timedelta(days=1),
        created_by_id=owner_id,
    )
    factories.db.session.add(row)
    factories.db.session.flush()
    return row


def _provider(word: str, owner_id: int, number: int) -> SmsProvider:
    row = SmsProvider(name=f"{word} {number}", base_url="http://127.0.0.1:9/v1", line="1000")
    save_key(row, "a key that nobody reads")
    factories.db.session.add(row)
    factories.db.session.flush()
    return row


def _variable_value(word: str, owner_id: int, number: int) -> SmsVariableValue:
    variable = SmsVariable(key=f"{owner_id} {number}", title="متغیر")
    row = SmsVariableValue(variable=variable, member_id=owner_id, value=word, created_by_id=owner_id)
    factories.db.session.add_all([variable, row])
    factories.db.session.flush()
    return row


def _thread(word: str, owner_id: int, number: int) -> Thread:
    """A conversation of the owner, as if somebody of the organisation had written to them."""
    session = factories.db.session
    row = Thread(subject=f"{word} {number}", last_text=word, last_by_id=owner_id, created_by_id=owner_id)
    session.add(row)
    session.flush()
    here = session.get_one(Member, owner_id).organization
    partner = factories.member("Consultant", here, f"partner-{owner_id}-{number}")
    session.add_all(ThreadMember(thread=row, member_id=key) for key in (owner_id, partner.id))
    session.add(Message(thread=row, by_id=owner_id, text=word))
    session.flush()
    return row


def _ticket(word: str, owner_id: int, number: int) -> Thread:
    """A ticket of the owner, in an organisation with a manager."""
    session = factories.db.session
    row = Thread(
        kind=ThreadKind.TICKET,
        urgency=Urgency.NORMAL,
        subject=f"{word} {number}",
        last_text=word,
        last_by_id=owner_id,
        created_by_id=owner_id,
    )
    session.add(row)
    session.flush()
    here = session.get_one(Member, owner_id).organization
    factories.member("Manager", here, f"manager-{owner_id}-{number}")
    session.add(ThreadMember(thread=row, member_id=owner_id))
    session.add(Message(thread=row, by_id=owner_id, text=word))
    session.flush()
    return row


MAKERS: dict[str, Callable[[str, int, int], Any]] = {
    "products": lambda word, owner, number: factories.ProductFactory(title=f"{word} {owner} {number}"),
    "result-titles": lambda word, owner, number: factories.ResultTitleFactory(
        title=f"{word} {owner} {number}"
    ),
    "customers": _worked_on,
    "dossiers": _dossier,
    "tasks": _task,
    "orders": _order,
    "repeated-orders": _repeated_order,
    "follow-ups": follow_up,
    "support": _sale,
    "sales": _sale,
    "transactions": _transaction,
    "imports": _import,
    "account": _account,
    "audit": _event,
    "members": _member,
    "roles": _role,
    "organizations": _organization,
    "trash": _deleted("products"),
    "sms-templates": lambda word, owner, number: factories.SmsTemplateFactory(
        title=f"{word} {owner} {number}"
    ),
    "sent-sms": make_message,
    "sms-providers": _provider,
    "campaigns": _campaign,
    "settings/sms-variables": _variable_value,
    "messages": _thread,
    "tickets": _ticket,
    "reports/final-sales": _reported,
    "reports/overall": _reported,
}
SLEEPERS: dict[str, Callable[[str, int], Any]] = {
    **{
        each: _deleted(each)
        for each in (
            "products",
            "result-titles",
            "customers",
            "dossiers",
            "orders",
            "follow-ups",
            "sales",
            "sms-templates",
        )
    },
    "members": _member_asleep,
    "organizations": _organization_asleep,
}
