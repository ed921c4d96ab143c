"""Messages; the table is also the send queue."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Select,
    Sequence,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    column,
    exists,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Authored, Row, Tenant, Versioned, field, reads, set_index
from models.customer import Customer
from models.follow_up import FollowUp
from models.member import Member
from models.sms.campaign import LeftOut, SmsCampaign
from models.sms.provider import SmsProvider
from models.text_rules import TextRule
from models.types import Choice, Mobile, UtcDateTime, choice

_follow_ups = table("follow_ups", column("id"), column("consultant_id"))
_messages = table("sms_messages", column("id"), column("created_by_id"), column("follow_up_id"))


class MessageState(Choice):
    """State of a message; a database trigger refuses moves that are not in `MOVES`."""

    QUEUED = "queued", _("In the queue")
    CLAIMED = "claimed", _("Taken")
    SUBMITTING = "submitting", _("Being handed over")
    UNKNOWN = "unknown", _("Being looked up")
    NEEDS_REVIEW = "needs_review", _("Needs a decision")
    ACCEPTED = "accepted", _("Accepted by the provider")
    SENT = "sent", _("Sent to the operator")
    DELIVERED = "delivered", _("Delivered to the phone")
    UNDELIVERED = "undelivered", _("Not delivered")
    BLOCKED = "blocked", _("Blocked by the receiver")
    FAILED = "failed", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")

    @property
    def rank(self) -> int:
        """The order of states after acceptance; a message never moves to a lower rank."""
        return _RANKS.get(self, 0)

    @property
    def is_final(self) -> bool:
        return self in FINAL


_RANKS = {
    MessageState.ACCEPTED: 1,
    MessageState.SENT: 2,
    MessageState.UNDELIVERED: 3,
    MessageState.BLOCKED: 3,
    MessageState.DELIVERED: 4,
}
LEASED = frozenset({MessageState.CLAIMED, MessageState.SUBMITTING})
HANDED_OVER = frozenset(_RANKS)
UNSENT = frozenset({MessageState.FAILED, MessageState.CANCELLED, MessageState.EXPIRED})
# What the sender has to know: the message does not reach its receiver.
NOT_RECEIVED = frozenset(
    {MessageState.FAILED, MessageState.UNDELIVERED, MessageState.BLOCKED, MessageState.EXPIRED}
)
FINAL = UNSENT | {MessageState.DELIVERED, MessageState.UNDELIVERED, MessageState.BLOCKED}
# States in which a campaign has nothing left to do for a message; delivery reports may still arrive.
SETTLED = UNSENT | HANDED_OVER | {MessageState.NEEDS_REVIEW}
_IS_QUEUED = text("state = 'queued'")
_IS_LEASED = text("state IN ('claimed', 'submitting')")
_IS_LOOKED_UP = text("look_up_after IS NOT NULL")

# Unique across all organisations and never reused, because providers identify our messages by it.
local_ids = Sequence("sms_local_id_seq", metadata=Model.metadata)


class SmsMessage(Row, Tenant, Authored, Versioned, Model):
    __tablename__ = "sms_messages"
    __table_args__ = (
        CheckConstraint("mobile LIKE '+989%' AND length(mobile) = 13", name="mobile"),
        CheckConstraint("(state IN ('claimed', 'submitting')) = (lease_token IS NOT NULL)", name="lease"),
        CheckConstraint(
            "state NOT IN ('accepted', 'sent', 'delivered', 'undelivered', 'blocked') OR provider_id IS NOT NULL",
            name="provider",
        ),
        UniqueConstraint("campaign_id", "mobile"),
        UniqueConstraint("provider_id", "provider_message_id"),
        Index(
            "ix_sms_messages_due",
            "organization_id",
            "priority",
            "not_before",
            "id",
            postgresql_where=_IS_QUEUED,
            sqlite_where=_IS_QUEUED,
        ),
        Index(
            "ix_sms_messages_due_campaign",
            "campaign_id",
            "not_before",
            "id",
            postgresql_where=_IS_QUEUED,
            sqlite_where=_IS_QUEUED,
        ),
        Index("ix_sms_messages_lease", "lease_until", postgresql_where=_IS_LEASED, sqlite_where=_IS_LEASED),
        Index(
            "ix_sms_messages_look_up",
            "look_up_after",
            postgresql_where=_IS_LOOKED_UP,
            sqlite_where=_IS_LOOKED_UP,
        ),
        Index("ix_sms_messages_list", "organization_id", "id"),
        # The timelines of a customer and of a follow-up.
        set_index("ix_sms_messages_customer", "customer_id", "created_at", "id"),
        set_index("ix_sms_messages_follow_up", "follow_up_id", "created_at", "id"),
        set_index("ix_sms_messages_created_by_id", "created_by_id", "id"),
        # The messages of a member today.
        set_index("ix_sms_messages_created_by_at", "created_by_id", "created_at"),
    )

    # No index of its own: indexes above begin with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    campaign_id: Mapped[int] = field(_("Campaign"), ForeignKey("sms_campaigns.id"))
    customer_id: Mapped[int | None] = field(_("Customer"), ForeignKey("customers.id"))
    follow_up_id: Mapped[int | None] = field(_("Follow-up"), ForeignKey("follow_ups.id"))
    mobile: Mapped[str] = field(_("Mobile"), Mobile)
    body: Mapped[str] = field(_("Text"), Text, text=TextRule.MESSAGE, folded=True)
    segments: Mapped[int] = field(_("SMS pages"), SmallInteger)
    local_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    state: Mapped[MessageState] = field(_("State"), choice(MessageState), default=MessageState.QUEUED)
    priority: Mapped[int] = mapped_column(SmallInteger, default=5)
    # App clock, like sending hours and schedules; leases and look-ups use the database clock.
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempt_no: Mapped[int] = field(_("Attempts"), Integer, default=0)
    # The number of temporary refusals, except those for credit or settings.
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    provider_id: Mapped[int | None] = field(_("Provider"), ForeignKey("sms_providers.id"))
    provider_message_id: Mapped[str | None] = field(_("Provider's number"), String(40))
    # An attempt was not answered: the message stays with its provider, and a later refusal is no proof.
    is_doubtful: Mapped[bool] = mapped_column(default=False)
    # Its batch was refused, possibly because of one message, so it is sent in a call of its own.
    goes_alone: Mapped[bool] = mapped_column(default=False)
    lease_token: Mapped[UUID | None] = mapped_column(Uuid)
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    look_up_after: Mapped[datetime | None] = mapped_column(UtcDateTime)
    look_ups: Mapped[int] = mapped_column(SmallInteger, default=0)
    left_out: Mapped[LeftOut | None] = field(_("Reason"), choice(LeftOut))
    error_code: Mapped[str | None] = field(_("Provider's code"), String(40))
    cost_rials: Mapped[int | None] = field(_("Cost"), Integer)
    accepted_at: Mapped[datetime | None] = field(_("Sent at"), UtcDateTime)
    final_at: Mapped[datetime | None] = field(_("Settled at"), UtcDateTime)

    campaign: Mapped[SmsCampaign] = relationship(back_populates="messages", info={"label": _("Campaign")})
    customer: Mapped[Customer | None] = relationship(info={"label": _("Customer")})
    follow_up: Mapped[FollowUp | None] = relationship(info={"label": _("Follow-up")})
    provider: Mapped[SmsProvider | None] = relationship(info={"label": _("Provider")})
    sender: Mapped[Member | None] = relationship(foreign_keys="SmsMessage.created_by_id")

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        """Messages that the member sent, and those to the member's follow-ups."""
        followed_up = exists(
            select(1)
            .select_from(_follow_ups)
            .where(_follow_ups.c.id == cls.follow_up_id, _follow_ups.c.consultant_id == member_id)
        )
        return or_(cls.created_by_id == member_id, followed_up)

    @classmethod
    def owned_ids(cls, member_id: int) -> tuple[Select[Any], ...]:
        mine = select(_follow_ups.c.id).where(_follow_ups.c.consultant_id == member_id)
        return (
            select(_messages.c.id).where(_messages.c.created_by_id == member_id),
            select(_messages.c.id).where(_messages.c.follow_up_id.in_(mine)),
        )

    @reads("body")
    def __str__(self) -> str:
        return self.body


def _moves(start: MessageState, *ends: MessageState) -> set[tuple[MessageState, MessageState]]:
    return {(start, end) for end in ends}


_S = MessageState
# The trigger in the migration contains the same pairs.
MOVES = frozenset(
    _moves(_S.QUEUED, _S.CLAIMED, _S.CANCELLED, _S.EXPIRED, *HANDED_OVER)
    | _moves(_S.CLAIMED, _S.SUBMITTING, _S.QUEUED, _S.CANCELLED, *HANDED_OVER)
    | _moves(_S.SUBMITTING, _S.FAILED, _S.QUEUED, _S.UNKNOWN, _S.NEEDS_REVIEW, *HANDED_OVER)
    | _moves(_S.UNKNOWN, _S.QUEUED, _S.NEEDS_REVIEW, *HANDED_OVER)
    | _moves(_S.NEEDS_REVIEW, _S.QUEUED, *HANDED_OVER)
    | {(start, end) for start in HANDED_OVER for end in HANDED_OVER if start.rank < end.rank}
)
