"""The rows that stand beside a test's own: another organisation's, and those that its own people deleted long ago.

They are written around the session in few statements, since every test that acts for somebody has them.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from flask_appbuilder.security.sqla.models import Role, assoc_user_role
from sqlalchemy import Connection, Insert, insert, select
from sqlalchemy.orm import Session

from app.lib.clock import now
from models.assignment import Assignment, AssignmentMethod
from models.base import Searchable
from models.customer import Address, Customer
from models.follow_up import FollowUp, FollowUpEntry, FollowUpStatus
from models.member import Member
from models.order import Order, OrderStatus
from models.organization import Organization
from models.product import Product
from models.result_title import ResultTitle
from models.tenancy.row_security import set_organization
from models.trash import TRASH_RETENTION
from tests.factories import LOGGED_IN
from tests.support.canaries import GONE, GONE_MOBILE, STRANGE_MOBILES, canary

SLUG = "neighbour"
COLLEAGUE = f"{SLUG}-colleague"
COLLEAGUES_MOBILES = ("+989906660001", "+989906660002")
# A product of every founded organisation has it, so that a search by code alone finds several.
CODE = "P101"


@cache
def _insert(model: Any) -> tuple[Insert, frozenset[str]]:
    """One statement for each table, kept with its compiled form, and the columns that it may name."""
    table = model.__table__
    return insert(table), frozenset(table.columns.keys())


class Rows:
    """Inserts rows of one organisation that share what is *common*; a table takes of it what it has columns for."""

    def __init__(self, connection: Connection, organization_id: int, **common: Any) -> None:
        self._connection = connection
        self._common = {"organization_id": organization_id, **common}

    def add(self, model: Any, **fields: Any) -> int:
        """The key of a new row."""
        values = self._common | fields
        if issubclass(model, Searchable):
            values |= model(**fields).search_keys()
        statement, columns = _insert(model)
        known = {name: value for name, value in values.items() if name in columns}
        key: int = self._connection.execute(statement, known).inserted_primary_key[0]
        return key

    def order(self, word: str, mobile: str, product_id: int, status: OrderStatus) -> dict[str, int]:
        """A new order as a follow-up names it; customer and address are its own."""
        customer_id = self.add(Customer, mobile=mobile, first_name="مریم", last_name=word)
        self.add(Address, customer_id=customer_id, line=word)
        work = {"customer_id": customer_id, "product_id": product_id}
        return {**work, "order_id": self.add(Order, **work, note=word, status=status)}

    def follow_up(self, work: dict[str, int], consultant_id: int, **fields: Any) -> int:
        """The key of a follow-up, an hour late unless *fields* say otherwise."""
        fields = {"next_at": now() - timedelta(hours=1), **fields}
        return self.add(FollowUp, **work, consultant_id=consultant_id, **fields)


def settle_next_door(session: Session) -> None:
    """Another organisation with people who are present, and living rows in the main tables."""
    connection = session.connection()
    name = {"slug": SLUG, "name": f"سازمان {SLUG}"}
    organization_id = connection.execute(insert(Organization.__table__), name).inserted_primary_key[0]
    set_organization(connection, organization_id)
    word = canary(organization_id)
    manager_id, consultant_id = (
        _person(connection, organization_id, f"{SLUG}-{role.lower()}", role)
        for role in ("Manager", "Consultant")
    )
    rows = Rows(connection, organization_id, created_by_id=manager_id)
    product_id = rows.add(Product, title=word, code=CODE, price=10_000_000)
    rows.order(word, STRANGE_MOBILES[0], product_id, OrderStatus.NEW)
    work = rows.order(word, STRANGE_MOBILES[1], product_id, OrderStatus.ASSIGNED)
    key = rows.follow_up(work, consultant_id)
    title_id = rows.add(ResultTitle, title=word)
    rows.add(FollowUpEntry, follow_up_id=key, result_title_id=title_id, note=word, by_id=consultant_id)
    given = {"order_id": work["order_id"], "to_member_id": consultant_id}
    rows.add(Assignment, **given, method=AssignmentMethod.MANUAL)


def _person(connection: Connection, organization_id: int, username: str, role: str, **fields: Any) -> int:
    """The key of a member who has logged in."""
    names = dict.fromkeys(("first_name", "last_name"), canary(organization_id))
    rows = Rows(connection, organization_id, last_login=LOGGED_IN, **names)
    key = rows.add(Member, username=username, email=f"{username}@example.ir", **fields)
    roles = Role.__table__
    role_id = select(roles.c.id).where(roles.c.name == role).scalar_subquery()
    connection.execute(insert(assoc_user_role).values(user_id=key, role_id=role_id))
    return key


def bury(session: Session, owner: Member) -> None:
    """Deleted rows of *owner*, open and late by their columns: too old for the trash, and not erased yet."""
    connection = session.connection()
    set_organization(connection, owner.organization_id)
    deleted = {"deleted_at": now() - TRASH_RETENTION - timedelta(days=1), "deleted_by_id": owner.id}
    common = {"created_by_id": owner.id, "delete_batch": uuid4(), **deleted}
    rows = Rows(connection, owner.organization_id, **common)
    rows.add(ResultTitle, title=GONE)
    product_id = rows.add(Product, title=GONE, code=CODE, price=10_000_000)
    rows.follow_up(rows.order(GONE, GONE_MOBILE, product_id, OrderStatus.ASSIGNED), owner.id)


def settle_colleague(session: Session, organization: Organization, before: Member | None) -> None:
    """A consultant who is absent, with a living and a closed follow-up; the living one was *before*'s, and deleted."""
    connection = session.connection()
    set_organization(connection, organization.id)
    key = _person(connection, organization.id, COLLEAGUE, "Consultant", accepts_orders=False)
    rows = Rows(connection, organization.id, created_by_id=key)
    products = Product.__table__.c
    known = select(products.id).where(
        products.organization_id == organization.id, products.deleted_at.is_(None)
    )
    product_id = connection.scalars(known.limit(1)).one()
    word = canary(organization.id, key)
    work = rows.order(word, COLLEAGUES_MOBILES[0], product_id, OrderStatus.ASSIGNED)
    rows.follow_up(work, key)
    if before is not None:
        rows.follow_up(work, before.id, deleted_at=now(), deleted_by_id=before.id)
    work = rows.order(word, COLLEAGUES_MOBILES[1], product_id, OrderStatus.WON)
    rows.follow_up(work, key, next_at=None, status=FollowUpStatus.WON, closed_at=now())
