"""Merges of customers: who was merged into whom, the values before, and every row that moved, for the undo."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Authored, Row, Tenant, field
from models.customer import Customer
from models.member import Member
from models.types import UtcDateTime

# A merge can be undone for this long.
MERGE_RETENTION = timedelta(days=30)


class CustomerMerge(Row, Tenant, Authored, Model):
    """One act that merged customers into the oldest of them."""

    __tablename__ = "customer_merges"
    __table_args__ = (
        Index("ix_customer_merges_created_at", "organization_id", "created_at", "id"),
        Index("ix_customer_merges_survivor_id", "survivor_id", "id"),
    )

    # Not indexed alone: the first index begins with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    survivor_id: Mapped[int] = field(_("Customer"), ForeignKey("customers.id"))
    # The merged customers: key, name and mobile of each.
    absorbed: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # The values of the survivor that the merge changed.
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    moved: Mapped[int] = field(_("Rows"), Integer, default=0)
    undone_at: Mapped[datetime | None] = field(_("Undone at"), UtcDateTime)
    undone_by_id: Mapped[int | None] = field(_("Undone by"), ForeignKey("ab_user.id"))

    survivor: Mapped[Customer] = relationship()
    created_by: Mapped[Member | None] = relationship(foreign_keys="CustomerMerge.created_by_id")


class MergedRow(Row, Tenant, Model):
    """A row that a merge moved, added or changed; `before` has the values that the undo writes back."""

    __tablename__ = "merged_rows"
    __table_args__ = (Index("ix_merged_rows_merge", "merge_id", "relation", "row_id"),)

    # Not indexed: the rows are read by their merge.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    merge_id: Mapped[int] = mapped_column(ForeignKey("customer_merges.id"))
    # The table of the row, and the customer it came from.
    relation: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[int] = mapped_column(BigInteger)
    customer_id: Mapped[int] = mapped_column(BigInteger)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # The values that the merge has left, where the undo compares them.
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
