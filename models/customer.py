"""Customers, identified by their mobile number, and their addresses."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Select,
    String,
    Text,
    column,
    exists,
    or_,
    select,
    table,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.lib.mobile import canonical_mobile
from models.base import (
    Authored,
    Row,
    Searchable,
    SoftDelete,
    Tenant,
    Versioned,
    field,
    live_index,
    live_unique,
    reads,
    set_index,
    trigram,
)
from models.types import EmailAddress, Mobile

_follow_ups = table("follow_ups", column("customer_id"), column("consultant_id"), column("deleted_at"))
_customers = table("customers", column("id"), column("created_by_id"))
_addresses = table("addresses", column("id"), column("created_by_id"), column("customer_id"))


def _followed_up_by(member_id: int, customer_id: Any) -> ColumnElement[bool]:
    return exists(
        select(1)
        .select_from(_follow_ups)
        .where(
            _follow_ups.c.customer_id == customer_id,
            _follow_ups.c.consultant_id == member_id,
            _follow_ups.c.deleted_at.is_(None),
        )
    )


def _followed_up(member_id: int) -> Select[Any]:
    return select(_follow_ups.c.customer_id).where(
        _follow_ups.c.consultant_id == member_id, _follow_ups.c.deleted_at.is_(None)
    )


class Customer(Row, Tenant, Authored, SoftDelete, Versioned, Searchable, Model):
    __tablename__ = "customers"
    __table_args__ = (
        live_unique("uq_customers_mobile", "organization_id", "mobile"),
        trigram("ix_customers_search_key", "search_key"),
        live_index("ix_customers_live", "organization_id", "id"),
        live_index("ix_customers_live_created_at", "organization_id", "created_at", "id"),
        live_index("ix_customers_live_city", "organization_id", "city", "id"),
        set_index("ix_customers_created_by_id", "created_by_id", "id"),
    )
    __search__ = ("first_name", "last_name")

    # Not indexed alone: the indexes above begin with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    mobile: Mapped[str] = field(_("Mobile"), Mobile)
    first_name: Mapped[str | None] = field(_("First name"), String(80))
    last_name: Mapped[str | None] = field(_("Last name"), String(80))
    email: Mapped[str | None] = field(_("E-mail"), EmailAddress(120), folded=True)
    province: Mapped[str | None] = field(_("Province"), String(60), folded=True)
    city: Mapped[str | None] = field(_("City"), String(60), folded=True)
    national_id: Mapped[str | None] = field(_("National ID"), String(10), folded=True)
    other_phones: Mapped[list[Any]] = field(_("Other phones"), JSON, default=list)
    opted_out: Mapped[bool] = field(_("Wants no SMS"), default=False)
    note: Mapped[str | None] = field(_("Note"), Text)

    addresses: Mapped[list[Address]] = relationship(back_populates="customer")

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return or_(cls.created_by_id == member_id, _followed_up_by(member_id, cls.id))

    @classmethod
    def owned_ids(cls, member_id: int) -> tuple[Select[Any], ...]:
        return select(_customers.c.id).where(_customers.c.created_by_id == member_id), _followed_up(member_id)

    @validates("mobile")
    def _canonical(self, _key: str, raw: str) -> str:
        return canonical_mobile(raw)

    def search_text(self) -> str:
        # The number is part of the key, so that one search finds names and any part of the number.
        return f"{super().search_text()}|{self.mobile.removeprefix('+98')}"

    @property
    @reads("first_name", "last_name")
    def name(self) -> str:
        return f"{self.first_name or ''} {self.last_name or ''}".strip()

    @reads("name", "mobile")
    def __str__(self) -> str:
        return self.name or self.mobile


class Address(Row, Tenant, Authored, SoftDelete, Model):
    __tablename__ = "addresses"
    __goes_with__ = ("customer",)

    customer_id: Mapped[int] = field(_("Customer"), ForeignKey("customers.id"), index=True)
    province: Mapped[str | None] = field(_("Province"), String(60))
    city: Mapped[str | None] = field(_("City"), String(60))
    line: Mapped[str] = field(_("Address"), String(500))
    postal_code: Mapped[str | None] = field(_("Postal code"), String(10))
    receiver: Mapped[str | None] = field(_("Receiver"), String(120))
    is_default: Mapped[bool] = field(_("Default"), default=False)

    customer: Mapped[Customer] = relationship(back_populates="addresses")

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return or_(cls.created_by_id == member_id, _followed_up_by(member_id, cls.customer_id))

    @classmethod
    def owned_ids(cls, member_id: int) -> tuple[Select[Any], ...]:
        return (
            select(_addresses.c.id).where(_addresses.c.created_by_id == member_id),
            select(_addresses.c.id).where(_addresses.c.customer_id.in_(_followed_up(member_id))),
        )

    @reads("province", "city", "line")
    def __str__(self) -> str:
        return "، ".join(part for part in (self.province, self.city, self.line) if part)
