"""Files attached to rows; storage has their bytes under the attachment's uuid."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Uuid,
    and_,
    column,
    exists,
    or_,
    select,
    table,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Authored, Row, SoftDelete, Tenant, field, reads, set_index
from models.follow_up import FollowUpEntry
from models.support import SupportEntry
from models.tenancy.criteria import tenant_models
from models.trash import soft_deleted_models
from models.types import Choice, choice

_entries = table("follow_up_entries", column("id"), column("follow_up_id"))
_follow_ups = table("follow_ups", column("id"), column("consultant_id"))
_support = table("support_entries", column("id"), column("sale_id"))
_sales = table("sales", column("id"), column("consultant_id"))


class AttachmentState(Choice):
    """What the scanner found; without one, files stay `NOT_SCANNED` and can be downloaded."""

    NOT_SCANNED = "not_scanned", _("Not scanned")
    CLEAN = "clean", _("Scanned")
    INFECTED = "infected", _("Infected; it can't be downloaded")
    FAILED = "failed", _("Could not be scanned")


class Attachment(Row, Tenant, Authored, SoftDelete, Model):
    """A file of a result or a support entry (by foreign key) or of a row of any section that declares `attachments`."""

    __tablename__ = "attachments"
    __table_args__ = (
        Index("ix_attachments_parent", "organization_id", "parent_type", "parent_id"),
        set_index("ix_attachments_support_entry", "support_entry_id"),
    )

    uuid: Mapped[UUID] = mapped_column(Uuid, unique=True, default=uuid4)
    follow_up_entry_id: Mapped[int | None] = field(
        _("Result"), ForeignKey("follow_up_entries.id"), index=True
    )
    support_entry_id: Mapped[int | None] = field(_("Support entry"), ForeignKey("support_entries.id"))
    # For rows of sections: the name of the table and the key of the row.
    parent_type: Mapped[str | None] = mapped_column(String(60))
    parent_id: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = field(_("Size"), BigInteger)
    detected_type: Mapped[str] = field(_("Type"), String(100))
    original_name: Mapped[str] = field(_("File name"), String(255))
    state: Mapped[AttachmentState] = field(
        _("Status"), choice(AttachmentState), default=AttachmentState.NOT_SCANNED
    )

    follow_up_entry: Mapped[FollowUpEntry | None] = relationship(backref="attachments")

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        """The files whose parent the member may see."""
        mine = and_(_entries.c.follow_up_id == _follow_ups.c.id, _follow_ups.c.consultant_id == member_id)
        entry = select(1).select_from(_entries, _follow_ups).where(_entries.c.id == cls.follow_up_entry_id)
        sold = and_(_support.c.sale_id == _sales.c.id, _sales.c.consultant_id == member_id)
        support = select(1).select_from(_support, _sales).where(_support.c.id == cls.support_entry_id)
        limits = {model: model.owned_by(member_id) for model in soft_deleted_models() if model is not cls}
        owned = [
            and_(
                cls.parent_type == model.__tablename__,
                exists(select(1).where(model.id == cls.parent_id, own)),
            )
            for model, own in limits.items()
            if own is not None
        ]
        common = [model.__tablename__ for model, own in limits.items() if own is None]
        of_entries = exists(entry.where(mine)), exists(support.where(sold))
        # Those of private rows are limited for all roles, below.
        return or_(*of_entries, cls.parent_type.in_([*common, *_private_parents()]), *owned)

    @classmethod
    def private_to(cls, member_id: int) -> ColumnElement[bool]:
        """All files but those whose parent is private to other members."""
        parents = _private_parents()
        readable = [
            and_(cls.parent_type == name, exists(select(1).where(model.id == cls.parent_id, own)))
            for name, model in parents.items()
            if (own := model.private_to(member_id)) is not None
        ]
        return or_(cls.parent_type.is_(None), cls.parent_type.not_in(list(parents)), *readable)

    @classmethod
    def ticket_rows(cls) -> ColumnElement[bool]:
        """The files of the messages of tickets."""
        parents = _private_parents()
        readable = [
            and_(cls.parent_type == name, exists(select(1).where(model.id == cls.parent_id, rows)))
            for name, model in parents.items()
            if (rows := model.ticket_rows()) is not None
        ]
        return or_(*readable)

    @classmethod
    def of(cls, parent: Any) -> ColumnElement[bool]:
        """The files of *parent*."""
        return and_(*(getattr(cls, name) == value for name, value in cls.link_to(parent).items()))

    @classmethod
    def link_to(cls, parent: Any) -> dict[str, Any]:
        """The columns that link a file to *parent*."""
        if isinstance(parent, FollowUpEntry):
            return {"follow_up_entry_id": parent.id}
        if isinstance(parent, SupportEntry):
            return {"support_entry_id": parent.id}
        return {"parent_type": parent.__tablename__, "parent_id": parent.id}

    @property
    @reads("uuid")
    def stored_name(self) -> str:
        """The key of the bytes in the file storage."""
        return stored_name_of(self.uuid)

    @reads("original_name")
    def __str__(self) -> str:
        return self.original_name


def _private_parents() -> dict[str, Any]:
    """The private models by the name of their table."""
    return {model.__table__.name: model for model in tenant_models() if model.__private__}  # type: ignore[attr-defined]  # mapped


def stored_name_of(uuid: UUID) -> str:
    key = uuid.hex
    return f"{key[:2]}/{key[2:4]}/{key}"
