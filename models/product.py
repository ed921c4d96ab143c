"""Products, which people identify by title and files by code."""

from __future__ import annotations

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import String
from sqlalchemy.orm import Mapped

from models.base import (
    Authored,
    Row,
    Searchable,
    SoftDelete,
    Tenant,
    Versioned,
    field,
    live_unique,
    reads,
    trigram,
)
from models.types import Money


class Product(Row, Tenant, Authored, SoftDelete, Versioned, Searchable, Model):
    __tablename__ = "products"
    __table_args__ = (
        live_unique("uq_products_code", "organization_id", "code"),
        trigram("ix_products_search_key", "search_key"),
    )
    __search__ = ("title", "code")

    title: Mapped[str] = field(_("Title"), String(120))
    code: Mapped[str] = field(
        _("Code"), String(40), folded=True, help=_("Unique in your organisation, as in your files.")
    )
    price: Mapped[int | None] = field(_("Price"), Money)
    is_active: Mapped[bool] = field(_("Active"), default=True)

    @reads("title")
    def __str__(self) -> str:
        return self.title
