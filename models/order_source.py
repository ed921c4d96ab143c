"""Order sources: a form, the API, a file, or manual entry."""

from __future__ import annotations

import secrets

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, relationship

from models.base import Authored, Row, SoftDelete, Tenant, Versioned, field, live_unique, reads
from models.product import Product
from models.types import Choice, choice


class SourceKind(Choice):
    FORM = "form", _("Form")
    API = "api", _("API")
    IMPORT = "import", _("File")
    MANUAL = "manual", _("By hand")


def _new_token() -> str:
    return secrets.token_urlsafe(24)


class OrderSource(Row, Tenant, Authored, SoftDelete, Versioned, Model):
    __tablename__ = "order_sources"
    __table_args__ = (live_unique("uq_order_sources_title", "organization_id", "title"),)

    title: Mapped[str] = field(_("Title"), String(80))
    kind: Mapped[SourceKind] = field(_("Kind"), choice(SourceKind), default=SourceKind.MANUAL)
    token: Mapped[str] = field(_("Secret token"), String(40), unique=True, default=_new_token)
    default_product_id: Mapped[int | None] = field(_("Default product"), ForeignKey("products.id"))

    default_product: Mapped[Product | None] = relationship()

    @reads("title")
    def __str__(self) -> str:
        return self.title
