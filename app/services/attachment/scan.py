"""Scans files for malware, where a scanner is configured."""

from __future__ import annotations

from sqlalchemy import select, update

from app.extensions import db
from app.gateways.scanner import Verdict, scan
from app.gateways.storage import StoreUnavailable, storage
from app.services.audit.record import note
from models.attachment import Attachment, AttachmentState, stored_name_of

CHUNK = 50
_WITH_DELETED = {"with_deleted": True}
_STATES = {
    Verdict.CLEAN: AttachmentState.CLEAN,
    Verdict.INFECTED: AttachmentState.INFECTED,
    Verdict.FAILED: AttachmentState.FAILED,
}


def scan_next(after: int) -> int | None:
    """Scan the next files of the acting organisation behind the key *after*, and flush; returns the last key.

    Raises `ScannerAway`; what was scanned before stays for the caller to commit.
    """
    waiting = (
        select(Attachment.id, Attachment.uuid)
        .where(Attachment.state == AttachmentState.NOT_SCANNED, Attachment.id > after)
        .order_by(Attachment.id)
        .limit(CHUNK)
    )
    rows = db.session.execute(waiting, execution_options=_WITH_DELETED).all()
    for key, uuid in rows:
        try:
            with storage().open(stored_name_of(uuid)) as stream:
                _store(key, _STATES[scan(stream)])
        except (FileNotFoundError, StoreUnavailable):
            # Deleted meanwhile, or scanned at the next turn.
            continue
    return rows[-1].id if rows else None


def _store(key: int, state: AttachmentState) -> None:
    statement = update(Attachment).where(Attachment.id == key).values(state=state)
    db.session.execute(statement, execution_options={"synchronize_session": False, **_WITH_DELETED})
    if state is AttachmentState.INFECTED:
        note("infected", Attachment, key)
