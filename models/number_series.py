"""Number series: the last number that an organisation has given to its invoices or pro-formas."""

from __future__ import annotations

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Row, Tenant
from models.types import Choice, choice


class Series(Choice):
    INVOICE = "invoice", _("Invoice")
    PROFORMA = "proforma", _("Pro-forma")


class NumberSeries(Row, Tenant, Model):
    """One row for each series; it is locked until the number that was drawn from it is committed."""

    __tablename__ = "number_series"
    __table_args__ = (Index("uq_number_series_kind", "organization_id", "kind", unique=True),)

    # Not indexed alone: the index above begins with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[Series] = mapped_column(choice(Series))
    last: Mapped[int] = mapped_column(Integer, default=0)
