"""Audit events: who changed what and the values before and after, stored in the transaction of the change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.clock import now
from app.lib.persian import group_number
from models.base import AppendOnly, Row, Tenant, field, reads
from models.member import Member
from models.types import UtcDateTime


class AuditEvent(Row, Tenant, AppendOnly, Model):
    """One recorded action; a job links the events of an organisation to a hash chain and checks it."""

    __mutable__ = frozenset({"chained_at", "previous_hash", "hash", "salt", "values_digest"})
    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_object", "object_type", "object_id"),
        Index("ix_audit_events_chain", "organization_id", "chained_at", "id"),
        Index(
            "ix_audit_events_unlinked",
            "organization_id",
            "id",
            postgresql_where=text("hash IS NULL"),
            sqlite_where=text("hash IS NULL"),
        ),
    )

    at: Mapped[datetime] = field(_("At"), UtcDateTime, default=now)
    actor_id: Mapped[int | None] = field(_("Who"), ForeignKey("ab_user.id"), index=True)
    action: Mapped[str] = field(_("Action"), String(40))
    object_type: Mapped[str] = field(_("Section"), String(60))
    object_id: Mapped[int | None] = field(_("Item"), BigInteger)
    before: Mapped[dict[str, Any] | None] = field(_("Before"), JSON)
    after: Mapped[dict[str, Any] | None] = field(_("After"), JSON)
    request_id: Mapped[str | None] = field(_("Tracking code"), String(40))
    ip: Mapped[str | None] = field(_("Address"), String(45))
    agent: Mapped[str | None] = field(_("Browser"), String(300))
    session_id: Mapped[int | None] = mapped_column(BigInteger)
    # Set later, by the job that links the chain.
    chained_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    previous_hash: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str | None] = mapped_column(String(64))
    # What the hash covers in place of `before` and `after`; events that were linked before have none.
    salt: Mapped[str | None] = mapped_column(String(32))
    values_digest: Mapped[str | None] = mapped_column(String(64))
    # The values were erased with a person; `seal` signs it.
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seal: Mapped[str | None] = mapped_column(String(64))

    actor: Mapped[Member | None] = relationship(foreign_keys="AuditEvent.actor_id")

    @reads("id")
    def __str__(self) -> str:
        return str(_("Event %(n)s")) % {"n": group_number(self.id)}


class AuditAnchor(Row, Tenant, Model):
    """The last of the pruned events of an organisation, signed: the first event that is left links to it."""

    __tablename__ = "audit_anchors"

    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    # How many events were pruned so far, and the last of them.
    links: Mapped[int] = mapped_column(BigInteger)
    last_event_id: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(64))
