"""Reminders of documents that expire soon: thirty and seven days before, each once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import ColumnElement, CursorResult, Select, and_, or_, select, update
from sqlalchemy.orm import aliased

from app.extensions import db
from app.lib.jalali import today
from app.services.notification import report
from models.dossier import Dossier, DossierDocument
from models.member import Member

# The days before the expiry, the longest first.
LEADS = (30, 7)
_CHUNK = 500
_MANAGER = "Manager"


def remind_chunk() -> int:
    """Remind of the documents that are due, locked until the commit; returns how many, 0 when none is left."""
    documents = due_documents()
    for document in documents:
        lead = lead_of(document)
        if _mark(document, lead):
            remind(document, lead)
    return len(documents)


def _mark(document: DossierDocument, lead: int) -> bool:
    """Mark the reminder of *lead*; False where another worker was first, since SQLite locks no rows."""
    is_later = or_(DossierDocument.reminded_at_days.is_(None), DossierDocument.reminded_at_days > lead)
    # The version stays, because no form shows the mark.
    statement = (
        update(DossierDocument)
        .where(DossierDocument.id == document.id, is_later)
        .values(reminded_at_days=lead, updated_at=DossierDocument.updated_at)
    )
    options = {"keeps_version": True, "synchronize_session": False}
    marked: CursorResult[Any] = db.session.execute(statement, execution_options=options)
    return bool(marked.rowcount)


def due_documents() -> Sequence[DossierDocument]:
    """The documents whose next reminder is due; other workers leave them out until the commit."""
    day, (longest, *shorter) = today(), LEADS
    is_due: list[ColumnElement[bool]] = [DossierDocument.reminded_at_days.is_(None)]
    is_due += [
        (DossierDocument.reminded_at_days > lead) & (DossierDocument.expires_on <= day + timedelta(days=lead))
        for lead in shorter
    ]
    statement = (
        select(DossierDocument)
        .where(DossierDocument.expires_on.between(day, day + timedelta(days=longest)), or_(*is_due))
        .order_by(DossierDocument.expires_on, DossierDocument.id)
        .limit(_CHUNK)
        .with_for_update(skip_locked=True)
    )
    documents: Sequence[DossierDocument] = db.session.scalars(statement).all()
    return documents


def lead_of(document: DossierDocument) -> int:
    """The shortest lead within which the document expires: one that is added late is reminded of once."""
    assert document.expires_on is not None  # noqa: S101 - `due_documents` finds no other
    days = (document.expires_on - today()).days
    return min(lead for lead in LEADS if days <= lead)


def remind(document: DossierDocument, lead: int) -> None:
    """Notify the members of `reminded_members` of *document*, which expires within *lead* days."""
    report(DossierDocument, "reminded_at_days", [document.id])


def reminded_members() -> Select[int, int]:
    """A statement of (member who is reminded, key of the document).

    The member who added the dossier; where they are not active in the organisation, its managers.
    """
    author = aliased(Member)
    of_organization = Member.organization_id == Dossier.organization_id
    author_is_here = and_(
        author.id == Dossier.created_by_id,
        author.active.is_(True),
        author.organization_id == Dossier.organization_id,
    )
    is_manager = Member.roles.any(Role.name == _MANAGER)
    return (
        select(Member.id, DossierDocument.id)
        .join_from(DossierDocument, Dossier, DossierDocument.dossier_id == Dossier.id)
        .outerjoin(author, author_is_here)
        .join(Member, or_(Member.id == author.id, and_(author.id.is_(None), of_organization, is_manager)))
        .where(Member.active.is_(True))
    )
