"""Two organisations with the same people and rows, every row marked with the word of its owner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.gateways.storage import storage
from app.lib.clock import now
from app.services.account.token import make_token
from app.services.imports.jobs import receive_file
from app.services.sms.campaign.prepare import take_local_ids
from app.services.sms.provider import save_key
from models.account import TokenScope
from models.attachment import Attachment
from models.audit.event import AuditEvent
from models.customer import Customer
from models.follow_up import FollowUp, FollowUpEntry
from models.job import ImportJob
from models.member import Member
from models.order import Order
from models.organization import Organization, OrganizationStatus
from models.product import Product
from models.result_title import ResultTitle
from models.role import ExtraRole
from models.sms.campaign import CampaignKind, CampaignStatus, SmsCampaign
from models.sms.message import SmsMessage
from models.sms.provider import SmsProvider
from models.sms.template import SmsCategory, SmsTemplate, SmsVariable, SmsVariableValue
from models.tenancy.scope import Actor, acting_as
from tests import factories
from tests.support.canaries import canary

ACTORS = ("anonymous", "inactive", "Consultant", "SupportAgent", "Manager", "Operator", "Admin")
SCOPES = ("own", "same-org", "other-org")
PDF = b"%PDF-1.4 a small one"

MODELS: dict[str, Any] = {
    "products": Product,
    "result-titles": ResultTitle,
    "customers": Customer,
    "orders": Order,
    "follow-ups": FollowUp,
    "imports": ImportJob,
    "account": Member,
    "audit": AuditEvent,
    "members": Member,
    "roles": ExtraRole,
    "organizations": Organization,
    "trash": Product,
    "sms-templates": SmsTemplate,
    "sms-providers": SmsProvider,
    "sent-sms": SmsMessage,
    "campaigns": SmsCampaign,
    "settings/sms-variables": SmsVariableValue,
}
# Tables whose rows all of the organisation reads: their word names no owner.
COMMON = frozenset({"products", "result-titles", "imports", "trash", "sms-templates"})


PLATFORM = 0


@dataclass
class World:
    """Who acts, whose rows there are, and what an attacker would name of the other organisation."""

    session: Session
    section: str
    home: Organization
    abroad: Organization
    actor: Member | None
    owners: Mapping[str, Member]  # by scope
    rows: dict[str, list[int]] = field(default_factory=dict)  # by scope
    words: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    asleep: dict[str, int] = field(
        default_factory=dict
    )  # a row that is switched off or deleted, where there is such a state
    token: str = ""  # with which the actor asks by REST
    related: dict[str, dict[str, int]] = field(default_factory=dict)  # by scope: product, title, member

    @property
    def consultant_role(self) -> int:
        return self.session.scalars(select(Role.id).where(Role.name == "Consultant")).one()

    @property
    def place(self) -> int:
        """Where the actor's own rows are."""
        if self.section in {"organizations", "sms-providers"}:
            return PLATFORM
        at_home = self.actor is None or self.actor.organization_id or self.owners["own"] is not self.actor
        return self.home.id if at_home else PLATFORM

    def organization_of(self, scope: str) -> Organization:
        return self.abroad if scope == "other-org" else self.home


def build_world(session: Session, section: str, actor: str) -> World:
    """People of both organisations, and two rows of *section* for each of the scopes that *actor* meets."""
    home, abroad = factories.organization_with("alef"), factories.organization_with("be")
    person = _actor(actor, home)
    working = (
        person if person and person.active and (person.organization_id or section == "account") else None
    )
    owners = {
        "own": working or factories.member("Consultant", home, "somebody"),
        "same-org": factories.member("Consultant", home, "colleague"),
        "other-org": factories.member("Consultant", abroad, "stranger"),
    }
    world = World(session, section, home, abroad, person, owners)
    for scope in SCOPES:
        _fill(world, section, scope)
    if person is not None:
        _row, world.token = make_token(person, name="matrix", scope=TokenScope.WRITE, days=1)
    session.commit()
    return world


def _actor(name: str, home: Organization) -> Member | None:
    if name == "anonymous":
        return None
    if name == "inactive":
        return factories.member("Consultant", home, name, active=False)
    return factories.member(name, None if name in {"Operator", "Admin"} else home)


def _fill(world: World, section: str, scope: str) -> None:
    organization, owner = world.organization_of(scope), world.owners[scope]
    organization_id, owner_id = organization.id, owner.id
    word = canary(organization_id, None if section in COMMON else owner_id)
    if owner.organization_id is None:
        word = f"platform {owner_id}"
    if section in {
        "organizations",
        "sms-providers",
    }:  # rows of the platform, which no organisation's word may mark
        word = f"founded for {scope}"
    with acting_as(world.session, Actor(organization_id, owner_id)):
        rows = [_MAKERS[section](word, owner_id, number) for number in (1, 2)]
        world.rows[scope] = [row.id for row in rows]
        if section in _SLEEPERS:
            world.asleep[scope] = _SLEEPERS[section](word, owner_id).id
        if section == "follow-ups":
            world.files[scope] = _attach(rows[0], owner_id, word)
        common = canary(organization_id)
        world.related[scope] = {
            "product": factories.ProductFactory(title=f"{common} {scope}").id,
            "result_title": factories.ResultTitleFactory(title=f"{common} {scope}").id,
            "member": factories.member("Consultant", organization, f"heir of {scope}").id,
            "sms_template": factories.SmsTemplateFactory(title=f"{common} {scope}").id,
        }
        if section == "campaigns":
            world.related[scope]["follow_up"] = _follow_up(word, owner_id, 5).id
        if section == "settings/sms-variables":
            world.related[scope]["sms_variable"] = rows[0].variable_id
    world.words[scope] = word


def _customer(word: str, owner_id: int, number: int) -> Any:
    return factories.CustomerFactory(last_name=f"{word} {number}", created_by_id=owner_id)


def _order(word: str, owner_id: int, number: int) -> Any:
    return factories.OrderFactory(
        customer=_customer(word, owner_id, number), note=word, created_by_id=owner_id
    )


def _follow_up(word: str, owner_id: int, number: int) -> Any:
    return factories.FollowUpFactory(
        consultant_id=owner_id, order__customer=_customer(word, owner_id, number), order__note=word
    )


def _import(word: str, owner_id: int, number: int) -> ImportJob:
    text = f"موبایل,کالا,تاریخ\n0912123456{number},K-1,1405/06/01\n"
    return receive_file(BytesIO(text.encode()), name=f"{word}-{number}.csv", client_token=uuid4())


def _account(word: str, owner_id: int, number: int) -> Member:
    """An account is there already: whose it is has his word in his name."""
    person = factories.db.session.get_one(Member, owner_id)
    person.last_name = word
    return person


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
        row = _MAKERS[section](word, owner_id, number)
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


def _attach(follow_up: Any, owner_id: int, word: str) -> str:
    title = factories.ResultTitleFactory()
    session = factories.db.session
    entry = FollowUpEntry(follow_up_id=follow_up.id, result_title_id=title.id, by_id=owner_id, note=word)
    session.add(entry)
    session.flush()
    attachment = Attachment(
        follow_up_entry_id=entry.id,
        sha256="0" * 64,
        size=len(PDF),
        detected_type="application/pdf",
        original_name=f"{word}.pdf",
    )
    session.add(attachment)
    session.flush()
    _store(attachment)
    return str(attachment.uuid)


def _store(attachment: Attachment) -> None:
    path = storage().path(attachment.stored_name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PDF)


_MAKERS: dict[str, Callable[[str, int, int], Any]] = {
    "products": lambda word, owner, number: factories.ProductFactory(title=f"{word} {owner} {number}"),
    "result-titles": lambda word, owner, number: factories.ResultTitleFactory(
        title=f"{word} {owner} {number}"
    ),
    "customers": _customer,
    "orders": _order,
    "follow-ups": _follow_up,
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
}
_SLEEPERS: dict[str, Callable[[str, int], Any]] = {
    **{
        each: _deleted(each)
        for each in ("products", "result-titles", "customers", "orders", "follow-ups", "sms-templates")
    },
    "members": _member_asleep,
    "organizations": _organization_asleep,
}


def picture(world: World, section: str) -> dict[int, list[tuple[Any, ...]]]:
    """Every row of the section's table as it stands, deleted ones too, by organisation; 0 is the platform."""
    model, seen = MODELS[section], {}
    columns = [getattr(model, column.name) for column in model.__table__.columns]
    if not hasattr(model, "organization_id"):
        return {PLATFORM: [tuple(row) for row in world.session.execute(select(*columns).order_by(model.id))]}
    for organization_id in (world.home.id, world.abroad.id, PLATFORM):
        with acting_as(world.session, Actor(organization_id)) as session:
            statement = select(*columns).where(model.organization_id == (organization_id or None))
            if section == "audit":  # that the platform's admin reads is told, and nothing of it is his doing
                statement = statement.where(AuditEvent.action != "view")
            rows = session.execute(statement.order_by(model.id), execution_options={"with_deleted": True})
            seen[organization_id] = [tuple(row) for row in rows]
    return seen
