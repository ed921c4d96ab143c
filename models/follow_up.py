"""Follow-ups, each of one assigned order by one consultant, and their recorded results."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    Uuid,
    column,
    exists,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.clock import now
from models.base import (
    AppendOnly,
    Authored,
    Row,
    SoftDelete,
    Tenant,
    Versioned,
    copied,
    field,
    live_index,
    live_unique,
    reads,
)
from models.customer import Customer
from models.member import Member
from models.order import Order
from models.product import Product
from models.result_title import ResultScope, ResultTitle
from models.types import Choice, UtcDateTime, choice

_follow_ups = table("follow_ups", column("id"), column("consultant_id"))


class FollowUpStatus(Choice):
    OPEN = "open", _("Open")
    WAITING = "waiting", _("Waiting")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    INVALID = "invalid", _("Invalid")

    @property
    def is_closed(self) -> bool:
        return self not in {FollowUpStatus.OPEN, FollowUpStatus.WAITING}


_OF = ("organization_id",)
_IS_OPEN = "status IN ('open', 'waiting')"
_UNDOES = text("undoes_id IS NOT NULL")
_IS_NEW = f"{_IS_OPEN} AND last_entry_at IS NULL"


class FollowUp(Row, Tenant, Authored, SoftDelete, Versioned, Model):
    __tablename__ = "follow_ups"
    __table_args__ = (
        live_unique("uq_follow_ups_order", "order_id"),
        # The lists of consultants and managers: all rows, due rows and new rows, each in the order of its list.
        live_index("ix_follow_ups_live_consultant", "consultant_id", "id", include=_OF),
        live_index("ix_follow_ups_live", "organization_id", "id"),
        live_index("ix_follow_ups_live_consultant_next_at", "consultant_id", "next_at", "id", include=_OF),
        live_index("ix_follow_ups_live_next_at", "organization_id", "next_at", "id"),
        live_index("ix_follow_ups_live_attempts", "organization_id", "attempts", "id"),
        live_index("ix_follow_ups_live_consultant_attempts", "consultant_id", "attempts", "id", include=_OF),
        # Filters that are used together: the result with a month, or with the next contact.
        live_index("ix_follow_ups_live_result", "organization_id", "last_result_id", "created_at", "id"),
        live_index("ix_follow_ups_live_result_next_at", "organization_id", "last_result_id", "next_at", "id"),
        # The calls of an order in reports, also those of a deleted follow-up.
        Index("ix_follow_ups_order", "order_id", "id"),
        # Includes deleted rows, because erasing a product looks for them too.
        Index("ix_follow_ups_product", "product_id", "id"),
        live_index("ix_follow_ups_live_created", "organization_id", "created_at", "id"),
        # The same for a consultant, and the share of results on their dashboard.
        live_index(
            "ix_follow_ups_live_consultant_created",
            "consultant_id",
            "created_at",
            include=("organization_id", "last_result_id"),
        ),
        # The keys of the customers and orders that a consultant sees (`Tenant.owned_ids`), in order.
        live_index("ix_follow_ups_live_consultant_customer", "consultant_id", "customer_id", include=_OF),
        live_index("ix_follow_ups_live_consultant_order", "consultant_id", "order_id", include=_OF),
        live_index(
            "ix_follow_ups_alive_consultant", "consultant_id", "next_at", "id", only=_IS_OPEN, include=_OF
        ),
        live_index("ix_follow_ups_alive", "organization_id", "next_at", "id", only=_IS_OPEN),
        live_index("ix_follow_ups_new_consultant", "consultant_id", "id", only=_IS_NEW, include=_OF),
        live_index("ix_follow_ups_new", "organization_id", "id", only=_IS_NEW),
    )
    __owner__ = "consultant_id"
    __shows__ = __goes_with__ = ("order", "customer")

    # Not indexed alone: the indexes above begin with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    order_id: Mapped[int] = field(_("Order"), ForeignKey("orders.id"))
    # Copied from the order, so that the list is searched and filtered without a join.
    customer_id: Mapped[int] = field(_("Customer"), ForeignKey("customers.id"), index=True)
    product_id: Mapped[int] = field(_("Product"), ForeignKey("products.id"))
    consultant_id: Mapped[int] = field(_("Consultant"), ForeignKey("ab_user.id"))
    status: Mapped[FollowUpStatus] = field(_("Status"), choice(FollowUpStatus), default=FollowUpStatus.OPEN)
    last_result_id: Mapped[int | None] = field(_("Last result"), ForeignKey("result_titles.id"))
    next_at: Mapped[datetime | None] = field(_("Next contact"), UtcDateTime)
    attempts: Mapped[int] = field(_("Calls"), Integer, default=0)
    first_contact_at: Mapped[datetime | None] = field(_("First contact"), UtcDateTime)
    last_entry_at: Mapped[datetime | None] = field(_("Last contact"), UtcDateTime)
    closed_at: Mapped[datetime | None] = field(_("Closed at"), UtcDateTime)

    order: Mapped[Order] = relationship(info={"label": _("Order")})
    customer: Mapped[Customer] = relationship(info={"label": _("Customer")})
    product: Mapped[Product] = relationship(info={"label": _("Product")})
    consultant: Mapped[Member] = relationship(
        foreign_keys="FollowUp.consultant_id", info={"label": _("Consultant")}
    )
    last_result: Mapped[ResultTitle | None] = relationship(
        info={"label": _("Last result"), "where": ResultTitle.scope == ResultScope.FOLLOW_UP}
    )
    entries: Mapped[list[FollowUpEntry]] = relationship(
        back_populates="follow_up", order_by="FollowUpEntry.id.desc()"
    )

    @classmethod
    def not_closed(cls) -> ColumnElement[bool]:
        """The condition for follow-ups that are not closed.

        The states are literals, because PostgreSQL matches partial indexes only against literal conditions.
        """
        states = [FollowUpStatus.OPEN, FollowUpStatus.WAITING]
        return cls.status.in_([literal_column(f"'{state.value}'", String) for state in states])

    @property
    @reads("status", "next_at")
    def is_overdue(self) -> bool:
        return not self.status.is_closed and self.next_at is not None and self.next_at < now()

    @reads("customer")
    def __str__(self) -> str:
        return str(self.customer)


class FollowUpEntry(Row, Tenant, AppendOnly, Model):
    """One recorded result, or the undo of one.

    Counts and reports leave out the entries with `is_undone`: the undone result and the entry that undid it.
    """

    __tablename__ = "follow_up_entries"
    # The timelines of a follow-up and of its customer, each one range of an index.
    __table_args__ = (
        Index("ix_follow_up_entries_follow_up", "follow_up_id", "at", "id"),
        Index("ix_follow_up_entries_customer", "customer_id", "at", "id"),
        # The calls of an organisation in a span of time, for figures.
        Index(
            "ix_follow_up_entries_at",
            "organization_id",
            "at",
            postgresql_include=["by_id", "result_title_id", "is_undone"],
        ),
        Index(
            "uq_follow_up_entries_undoes",
            "undoes_id",
            unique=True,
            postgresql_where=_UNDOES,
            sqlite_where=_UNDOES,
        ),
    )
    __mutable__: ClassVar[frozenset[str]] = frozenset({"is_undone"})

    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    follow_up_id: Mapped[int] = field(_("Follow-up"), ForeignKey("follow_ups.id"))
    # Copied from the follow-up, so that the timeline of a customer reads one range of an index.
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id"), default=copied("follow_ups", "follow_up_id", "customer_id")
    )
    result_title_id: Mapped[int] = field(_("Result title"), ForeignKey("result_titles.id"))
    note: Mapped[str | None] = field(_("Note"), Text)
    next_at: Mapped[datetime | None] = field(_("Next contact"), UtcDateTime)
    at: Mapped[datetime] = field(_("At"), UtcDateTime, default=now)
    by_id: Mapped[int] = field(_("By"), ForeignKey("ab_user.id"))
    # One token per shown form, so that a form sent twice records one result.
    client_token: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    # The values of the follow-up and its order that an undo restores.
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    undoes_id: Mapped[int | None] = field(_("Undone result"), ForeignKey("follow_up_entries.id"))
    is_undone: Mapped[bool] = field(_("Undone"), default=False, server_default="0")

    follow_up: Mapped[FollowUp] = relationship(back_populates="entries")
    result_title: Mapped[ResultTitle] = relationship()
    by: Mapped[Member] = relationship(foreign_keys="FollowUpEntry.by_id")

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return exists(
            select(1)
            .select_from(_follow_ups)
            .where(_follow_ups.c.id == cls.follow_up_id, _follow_ups.c.consultant_id == member_id)
        )
