"""The lines of the ledger whose customer was assigned before."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder import Model
from sqlalchemy import BigInteger, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Row, Tenant
from models.types import UtcDateTime

_HAS_PAIR = text("pair_before_at IS NOT NULL")


class RepeatedLine(Row, Tenant, Model):
    """A counted line with the times of the lines before it: of its customer, and of its pair of consultant and customer.

    The distinct pairs of a range are its lines without those whose pair was assigned before within the range.
    """

    __tablename__ = "repeated_lines"
    __table_args__ = (
        Index(
            "ix_repeated_lines_pair",
            "organization_id",
            "pair_before_at",
            "at",
            postgresql_where=_HAS_PAIR,
            sqlite_where=_HAS_PAIR,
            postgresql_include=["member_id"],
        ),
        Index(
            "ix_repeated_lines_member_pair",
            "member_id",
            "pair_before_at",
            "at",
            postgresql_where=_HAS_PAIR,
            sqlite_where=_HAS_PAIR,
            postgresql_include=["organization_id"],
        ),
        Index("ix_repeated_lines_customer_before", "organization_id", "customer_before_at", "at"),
        Index("ix_repeated_lines_customer_id", "customer_id"),
        Index("uq_repeated_lines_line_id", "line_id", unique=True),
    )
    __owner__ = "member_id"

    # Not indexed alone: the indexes above begin with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    # No foreign keys: their checks would lock rows that other transactions hold, which wait for the locks of the summary.
    line_id: Mapped[int] = mapped_column(BigInteger)
    member_id: Mapped[int] = mapped_column(Integer)
    # The counted customer of the line.
    customer_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    customer_before_at: Mapped[datetime] = mapped_column(UtcDateTime)
    pair_before_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
