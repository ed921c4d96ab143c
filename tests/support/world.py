"""Two organisations with the same people and rows, every row marked with the word of its owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.account.token import make_token
from models.account import TokenScope
from models.attachment import Attachment
from models.audit.event import AuditEvent
from models.customer import Customer
from models.dossier import Dossier
from models.follow_up import FollowUp
from models.job import ImportJob
from models.member import Member
from models.messages.thread import Thread
from models.order import Order
from models.organization import Organization
from models.product import Product
from models.result_title import ResultScope, ResultTitle
from models.role import ExtraRole
from models.sale import Sale
from models.sms.campaign import SmsCampaign
from models.sms.message import SmsMessage
from models.sms.provider import SmsProvider
from models.sms.template import SmsTemplate, SmsVariableValue
from models.task import Task
from models.tenancy.scope import Actor, acting_as, whole_organization
from models.transaction import Transaction
from tests import factories
from tests.support.attached import attach, file_of, file_of_thread
from tests.support.canaries import PRIVATE, TICKET, canary
from tests.support.makers import MAKERS, SLEEPERS, follow_up
from tests.support.merged_customers import add_merge_and_erasable

ACTORS = ("anonymous", "inactive", "Consultant", "SupportAgent", "Manager", "Operator", "Admin")
SCOPES = ("own", "same-org", "other-org")

MODELS: dict[str, Any] = {
    "products": Product,
    "result-titles": ResultTitle,
    "customers": Customer,
    "dossiers": Dossier,
    "tasks": Task,
    "orders": Order,
    "repeated-orders": Order,
    "follow-ups": FollowUp,
    "support": Sale,
    "imports": ImportJob,
    "account": Member,
    "audit": AuditEvent,
    "members": Member,
    "roles": ExtraRole,
    "organizations": Organization,
    "trash": Product,
    "sales": Sale,
    "transactions": Transaction,
    "sms-templates": SmsTemplate,
    "sms-providers": SmsProvider,
    "sent-sms": SmsMessage,
    "campaigns": SmsCampaign,
    "settings/sms-variables": SmsVariableValue,
    "messages": Thread,
    "tickets": Thread,
    "reports/final-sales": Member,
    "reports/overall": Member,
}
# What the cells may change: the rows of a section, or the files of its rows.
TABLES = MODELS | {"files": Attachment}
# Tables whose rows all of the organisation reads: their word names no owner.
COMMON = frozenset({"products", "result-titles", "imports", "trash", "sms-templates"})
# Rows of some members alone: no role reads the word of another member.
MARKS = {"messages": PRIVATE, "tickets": TICKET}

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
    if section == "tickets":
        factories.member("Operator", None, "desk")
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
    word = canary(organization_id, None if section in COMMON else owner_id, mark=MARKS.get(section, ""))
    if owner.organization_id is None:
        word = f"platform {owner_id}"
    if section in {
        "organizations",
        "sms-providers",
    }:  # rows of the platform, which no organisation's word may mark
        word = f"founded for {scope}"
    with acting_as(world.session, Actor(organization_id, owner_id)):
        rows = [MAKERS[section](word, owner_id, number) for number in (1, 2)]
        world.rows[scope] = [row.id for row in rows]
        if section in SLEEPERS:
            world.asleep[scope] = SLEEPERS[section](word, owner_id).id
        if section in {"follow-ups", "support"}:
            world.files[scope] = attach(rows[0], owner_id, word)
        if section in {"transactions", "dossiers"}:
            world.files[scope] = file_of(rows[0], word)
        if section in {"messages", "tickets"}:
            world.files[scope] = file_of_thread(rows[0], word)
        world.related[scope] = _related(section, word, rows[0], organization, owner_id, scope)
    world.words[scope] = word


def _related(
    section: str, word: str, row: Any, organization: Organization, owner_id: int, scope: str
) -> dict[str, int]:
    """The keys of the rows that a request about the first *row* of the scope may name, by what they are."""
    common = canary(organization.id)
    found = {
        "product": factories.ProductFactory(title=f"{common} {scope}").id,
        "result_title": factories.ResultTitleFactory(title=f"{common} {scope}").id,
        "support_title": factories.ResultTitleFactory(
            title=f"{common} {scope}", scope=ResultScope.SUPPORT
        ).id,
        "member": factories.member("Consultant", organization, f"heir of {scope}").id,
        "sms_template": factories.SmsTemplateFactory(title=f"{common} {scope}").id,
    }
    if section == "transactions":
        found["sale"] = row.sale_id
    if section == "campaigns":
        found["follow_up"] = follow_up(word, owner_id, 5).id
    if section == "customers":
        found |= add_merge_and_erasable(word, owner_id)
    if section == "settings/sms-variables":
        found["sms_variable"] = row.variable_id
    return found


def picture(world: World, section: str) -> dict[int, list[tuple[Any, ...]]]:
    """Every row of the section's table as it stands, deleted ones too, by organisation; 0 is the platform."""
    model, seen = TABLES[section], {}
    columns = [getattr(model, column.name) for column in model.__table__.columns]
    if not hasattr(model, "organization_id"):
        return {PLATFORM: [tuple(row) for row in world.session.execute(select(*columns).order_by(model.id))]}
    for organization_id in (world.home.id, world.abroad.id, PLATFORM):
        with acting_as(world.session, Actor(organization_id)) as session, whole_organization(session):
            statement = select(*columns).where(model.organization_id == (organization_id or None))
            if section == "audit":  # that the platform's admin reads is told, and nothing of it is his doing
                statement = statement.where(AuditEvent.action != "view")
            rows = session.execute(statement.order_by(model.id), execution_options={"with_deleted": True})
            seen[organization_id] = [tuple(row) for row in rows]
    return seen
