"""Customers, identified by their mobile number, with their further phones and their addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, ForeignKey, Select, String, Text, and_, false, or_, select
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship, validates

from app.lib.mobile import canonical_mobile, canonical_phone, display_mobile
from app.lib.persian import fold, sort_key
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
from models.child.one_flag import OneFlag, flag_index
from models.dossier import Dossier
from models.own_customers import is_own, own_ids, worked_with_by
from models.types import EmailAddress, Mobile, NationalId, Phone, PostalCode, UtcDateTime


class Customer(Row, Tenant, Authored, SoftDelete, Versioned, Searchable, Model):
    __tablename__ = "customers"
    __table_args__ = (
        live_unique("uq_customers_mobile", "organization_id", "mobile"),
        trigram("ix_customers_search_key", "search_key"),
        live_index("ix_customers_live", "organization_id", "id"),
        live_index("ix_customers_live_created_at", "organization_id", "created_at", "id"),
        live_index("ix_customers_live_city", "organization_id", "city", "id"),
        set_index("ix_customers_created_by_id", "created_by_id", "id"),
        set_index("ix_customers_dossier_id", "dossier_id", "id"),
        set_index("ix_customers_merged_into_id", "merged_into_id"),
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
    national_id: Mapped[str | None] = field(_("National ID"), NationalId(10), folded=True)
    opted_out: Mapped[bool] = field(_("Wants no SMS"), default=False)
    note: Mapped[str | None] = field(_("Note"), Text)
    dossier_id: Mapped[int | None] = field(_("Organisation dossier"), ForeignKey("dossiers.id"))
    # The digits of the other phones, each after a bar; a part of the search key.
    phones_key: Mapped[str] = mapped_column(Text, default="", server_default="")
    # The folded full name, by which two customers of one city are probably the same person.
    name_key: Mapped[str] = mapped_column(Text, default="", server_default="")
    # The customer that this one was merged into. Such a customer is hidden as a deleted one is, and not in the trash.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    # The personal data were erased; the row stays for the sales that name it.
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    dossier: Mapped[Dossier | None] = relationship()

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return or_(cls.created_by_id == member_id, worked_with_by(member_id, cls.id))

    @classmethod
    def owned_ids(cls, member_id: int) -> tuple[Select[Any], ...]:
        return own_ids(member_id)

    @validates("mobile")
    def _canonical(self, _key: str, raw: str) -> str:
        return canonical_mobile(raw)

    def search_text(self) -> str:
        return self._words(self.first_name, self.last_name, self.mobile)

    def search_keys(self) -> dict[str, str]:
        return self.keys_of(self.first_name, self.last_name, self.mobile, self.phones_key)

    @staticmethod
    def _words(first_name: str | None, last_name: str | None, mobile: str) -> str:
        # The number is part of the key, so that one search finds names and any part of the number.
        return f"{first_name or ''} {last_name or ''}|{mobile.removeprefix('+98')}"

    @classmethod
    def keys_of(
        cls, first_name: str | None, last_name: str | None, mobile: str, phones_key: str | None = None
    ) -> dict[str, str]:
        """The key columns of a customer with these values, for statements that write customers without rows."""
        words = cls._words(first_name, last_name, mobile)
        name = f"{first_name or ''} {last_name or ''}".strip()
        return {
            "search_key": fold(words) + (phones_key or ""),
            "sort_key": sort_key(words)[:200],
            # One word alone is no full name.
            "name_key": fold(name) if len(name.split()) > 1 else "",
        }

    @classmethod
    def in_trash(cls) -> ColumnElement[bool]:
        return and_(cls.deleted_at.is_not(None), cls.merged_into_id.is_(None), cls.erased_at.is_(None))

    @property
    @reads("first_name", "last_name")
    def name(self) -> str:
        return f"{self.first_name or ''} {self.last_name or ''}".strip()

    @reads("name", "mobile")
    def __str__(self) -> str:
        # No-break spaces join the groups of digits to one number, which right-to-left text would put in reverse order.
        return self.name or display_mobile(self.mobile).replace(" ", "\u00a0")


# The page of duplicates groups by both keys. The key of the city is added to the table once the class exists.
live_index(
    "ix_customers_live_name_city",
    Customer.organization_id,
    Customer.name_key,
    Customer.city_key,  # `models.filter_keys` adds it
    Customer.id,
    only="name_key <> '' AND city_key <> ''",
)


class OfCustomer:
    """A row that belongs to a customer; every member who sees the customer sees it."""

    id: Mapped[int]

    @declared_attr
    def customer_id(cls) -> Mapped[int]:
        return field(_("Customer"), ForeignKey("customers.id"), index=True)

    @declared_attr
    def customer(cls) -> Mapped[Customer]:
        return relationship()

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return is_own(member_id, cls.customer_id)

    @classmethod
    def owned_ids(cls, member_id: int) -> tuple[Select[Any], ...]:
        key: Any = cls.customer_id
        return tuple(select(cls.id).where(key.in_(keys)) for keys in own_ids(member_id))


class CustomerPhone(OfCustomer, Row, Tenant, Authored, SoftDelete, Versioned, Model):
    """A number of a customer besides their mobile."""

    __tablename__ = "customer_phones"
    __table_args__ = (
        live_unique("uq_customer_phones_number", "customer_id", "number"),
        # The look-up of a number that is typed into a form.
        live_index("ix_customer_phones_live_number", "organization_id", "number", include=("customer_id",)),
        # Orders that name a former mobile find the customer by it.
        live_index("ix_customer_phones_former_mobile", "organization_id", "number", only="was_mobile"),
    )
    __goes_with__ = ("customer",)

    # Not indexed alone: the index above begins with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    title: Mapped[str | None] = field(_("Title"), String(40), help=_("Such as home or work."))
    number: Mapped[str] = field(_("Phone number"), Phone)
    # It was the mobile of a customer who was merged into this one.
    was_mobile: Mapped[bool] = mapped_column(default=False, server_default=false())

    @validates("number")
    def _canonical(self, _key: str, raw: str) -> str:
        number = canonical_phone(raw)
        if self.number is not None and self.number != number:
            self.was_mobile = False
        return number

    @reads("number")
    def __str__(self) -> str:
        # No-break spaces join the groups of digits to one number, which right-to-left text would put in reverse order.
        return display_mobile(self.number).replace(" ", "\u00a0")


class Address(OfCustomer, OneFlag, Row, Tenant, Authored, SoftDelete, Versioned, Model):
    __tablename__ = "addresses"
    __table_args__ = (flag_index("uq_addresses_default", "customer_id", "is_default"),)
    __goes_with__ = ("customer",)
    __flag_of__, __flag__ = "customer", "is_default"

    province: Mapped[str | None] = field(_("Province"), String(60))
    city: Mapped[str | None] = field(_("City"), String(60))
    line: Mapped[str] = field(_("Address"), String(500))
    postal_code: Mapped[str | None] = field(_("Postal code"), PostalCode(10))
    receiver: Mapped[str | None] = field(_("Receiver"), String(120))
    is_default: Mapped[bool] = field(_("Default"), default=False)

    @property
    @reads("province", "city")
    def place(self) -> str:
        return "، ".join(part for part in (self.province, self.city) if part)

    @reads("province", "city", "line")
    def __str__(self) -> str:
        return "، ".join(part for part in (self.province, self.city, self.line) if part)
