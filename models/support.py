"""Support entries: what was registered about a sale after the purchase."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, Text, Uuid, column, exists, select, table, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.clock import now
from models.base import AppendOnly, Row, Tenant, copied, field
from models.member import Member
from models.result_title import ResultTitle
from models.sale import Sale
from models.types import UtcDateTime

_sales = table("sales", column("id"), column("consultant_id"))
_UNDOES = text("undoes_id IS NOT NULL")


class SupportEntry(Row, Tenant, AppendOnly, Model):
    """One registered contact of support, or the undo of one.

    Counts leave out the entries with `is_undone`: the undone entry and the one that undid it.
    """

    __tablename__ = "support_entries"
    # The timelines of a sale and of its customer, each one range of an index.
    __table_args__ = (
        Index("ix_support_entries_sale", "sale_id", "at", "id"),
        Index("ix_support_entries_customer", "customer_id", "at", "id"),
        Index(
            "uq_support_entries_undoes",
            "undoes_id",
            unique=True,
            postgresql_where=_UNDOES,
            sqlite_where=_UNDOES,
        ),
    )
    __mutable__: ClassVar[frozenset[str]] = frozenset({"is_undone"})

    # Not indexed: entries are read by their sale.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    sale_id: Mapped[int] = field(_("Sale"), ForeignKey("sales.id"))
    # Copied from the sale, so that the timeline of a customer reads one range of an index.
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id"), default=copied("sales", "sale_id", "customer_id")
    )
    result_title_id: Mapped[int] = field(_("Result title"), ForeignKey("result_titles.id"))
    note: Mapped[str | None] = field(_("Note"), Text)
    next_at: Mapped[datetime | None] = field(_("Next contact"), UtcDateTime)
    at: Mapped[datetime] = field(_("At"), UtcDateTime, default=now)
    by_id: Mapped[int] = field(_("By"), ForeignKey("ab_user.id"))
    # One token per shown form, so that a form sent twice registers one entry.
    client_token: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    # The values of the sale that an undo restores.
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    undoes_id: Mapped[int | None] = field(_("Undone result"), ForeignKey("support_entries.id"))
    is_undone: Mapped[bool] = field(_("Undone"), default=False, server_default="0")

    sale: Mapped[Sale] = relationship()
    result_title: Mapped[ResultTitle] = relationship()
    by: Mapped[Member] = relationship(foreign_keys="SupportEntry.by_id")

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return exists(
            select(1)
            .select_from(_sales)
            .where(_sales.c.id == cls.sale_id, _sales.c.consultant_id == member_id)
        )
