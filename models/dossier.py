"""Dossiers of companies (پرونده سازمانی), their contacts and their documents."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import (
    ColumnElement,
    Date,
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
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

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
from models.own_customers import own_ids, worked_with_by
from models.types import Choice, EconomicCode, LegalId, Mobile, Phone, Website, choice

_dossiers = table("dossiers", column("id"), column("created_by_id"))
_customers = table(
    "customers", column("id"), column("dossier_id"), column("created_by_id"), column("deleted_at")
)


def _has_own_customer(member_id: int, dossier_id: Any) -> ColumnElement[bool]:
    """Whether one of the customers of the dossier is the member's."""
    is_own = or_(_customers.c.created_by_id == member_id, worked_with_by(member_id, _customers.c.id))
    mine = select(1).select_from(_customers)
    return exists(
        mine.where(_customers.c.dossier_id == dossier_id, _customers.c.deleted_at.is_(None), is_own)
    )


def _own_dossiers(member_id: int) -> tuple[Select[Any], ...]:
    """The keys of the dossiers that the member added, and of those to which one of their customers belongs."""
    of_customers = select(_customers.c.dossier_id).where(
        _customers.c.dossier_id.is_not(None), _customers.c.deleted_at.is_(None)
    )
    return (
        select(_dossiers.c.id).where(_dossiers.c.created_by_id == member_id),
        *(of_customers.where(_customers.c.id.in_(keys)) for keys in own_ids(member_id)),
    )


class Dossier(Row, Tenant, Authored, SoftDelete, Versioned, Searchable, Model):
    """A company that buys; customers belong to it."""

    __tablename__ = "dossiers"
    __table_args__ = (
        live_unique("uq_dossiers_national_id", "organization_id", "national_id"),
        trigram("ix_dossiers_search_key", "search_key"),
        live_index("ix_dossiers_live", "organization_id", "id"),
        live_index("ix_dossiers_live_created_at", "organization_id", "created_at", "id"),
        live_index("ix_dossiers_live_sort_key", "organization_id", "sort_key", "id"),
        set_index("ix_dossiers_created_by_id", "created_by_id", "id"),
    )
    __search__ = ("legal_name", "national_id")

    # Not indexed alone: the indexes above begin with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    legal_name: Mapped[str] = field(_("Legal name"), String(160))
    national_id: Mapped[str | None] = field(_("National ID of the company"), LegalId(11))
    economic_code: Mapped[str | None] = field(_("Economic code"), EconomicCode(14))
    registration_number: Mapped[str | None] = field(_("Registration number"), String(20))
    industry: Mapped[str | None] = field(_("Industry"), String(80), folded=True)
    phone: Mapped[str | None] = field(_("Phone"), Phone)
    website: Mapped[str | None] = field(_("Website"), Website(200))
    note: Mapped[str | None] = field(_("Note"), Text)

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return or_(cls.created_by_id == member_id, _has_own_customer(member_id, cls.id))

    @classmethod
    def owned_ids(cls, member_id: int) -> tuple[Select[Any], ...]:
        return _own_dossiers(member_id)

    @reads("legal_name")
    def __str__(self) -> str:
        return self.legal_name


class OfDossier:
    """A row that belongs to a dossier; every member who sees the dossier sees it."""

    id: Mapped[int]

    @declared_attr
    def dossier_id(cls) -> Mapped[int]:
        return field(_("Organisation dossier"), ForeignKey("dossiers.id"), index=True)

    @declared_attr
    def dossier(cls) -> Mapped[Dossier]:
        return relationship()

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        mine = select(1).select_from(_dossiers).where(_dossiers.c.id == cls.dossier_id)
        is_added = exists(mine.where(_dossiers.c.created_by_id == member_id))
        return or_(is_added, _has_own_customer(member_id, cls.dossier_id))

    @classmethod
    def owned_ids(cls, member_id: int) -> tuple[Select[Any], ...]:
        key: Any = cls.dossier_id
        return tuple(select(cls.id).where(key.in_(keys)) for keys in _own_dossiers(member_id))


class DossierContact(OfDossier, OneFlag, Row, Tenant, Authored, SoftDelete, Versioned, Model):
    """A person of the company; one of them is the liaison."""

    __tablename__ = "dossier_contacts"
    __table_args__ = (flag_index("uq_dossier_contacts_liaison", "dossier_id", "is_liaison"),)
    __goes_with__ = ("dossier",)
    __flag_of__, __flag__ = "dossier", "is_liaison"

    name: Mapped[str] = field(_("Name"), String(120))
    position: Mapped[str | None] = field(_("Role in the company"), String(80))
    mobile: Mapped[str | None] = field(_("Mobile"), Mobile)
    is_liaison: Mapped[bool] = field(_("Liaison"), default=False)

    @reads("name")
    def __str__(self) -> str:
        return self.name


class DocumentKind(Choice):
    CONTRACT = "contract", _("Contract")
    TAX_CERTIFICATE = "tax_certificate", _("Tax certificate")
    REGISTRATION = "registration", _("Registration notice")
    LICENCE = "licence", _("Licence")
    GUARANTEE = "guarantee", _("Guarantee")
    OTHER = "other", _("Other document")


class DossierDocument(OfDossier, Row, Tenant, Authored, SoftDelete, Versioned, Model):
    """A document of the company, with its file as an attachment."""

    __tablename__ = "dossier_documents"
    __table_args__ = (
        # The documents that expire soon, whose reminders are due.
        live_index("ix_dossier_documents_live_expires_on", "organization_id", "expires_on", "id"),
    )
    __goes_with__ = ("dossier",)

    # Not indexed alone: the index above begins with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[DocumentKind] = field(_("Kind"), choice(DocumentKind))
    expires_on: Mapped[date | None] = field(_("Valid until"), Date)
    # The days before the expiry of the last reminder.
    reminded_at_days: Mapped[int | None] = mapped_column()

    @reads("kind")
    def __str__(self) -> str:
        return str(self.kind)
