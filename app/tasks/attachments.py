"""The hourly cleanup of the file store, and the scan of new files."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from app.extensions import db
from app.gateways.scanner import ScannerAway, is_configured
from app.gateways.storage import storage
from app.services.attachment.cleanup import chunks, erase_orphans, sweep_chunk
from app.services.attachment.scan import scan_next
from app.tasks.base import periodic
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as

SWEEP_EVERY = 3600.0
SCAN_EVERY = 60.0


@periodic("attachment.sweep", SWEEP_EVERY, soft_time_limit=1500, time_limit=1600)
def sweep_files() -> int:
    """Erase attachments without a parent, then delete files without a row; returns how many files.

    The task can run at any moment and more than once. A run that reaches its time limit leaves the rest to the next.
    """
    for organization_id in db.session.scalars(select(Organization.id).order_by(Organization.id)).all():
        with acting_as(db.session(), Actor(organization_id)) as session:
            while erase_orphans():
                session.commit()
    deleted = 0
    for entries in chunks(storage().entries()):
        deleted += sweep_chunk(entries)
        db.session.commit()
    return deleted


@periodic("attachment.scan", SCAN_EVERY, soft_time_limit=1500, time_limit=1600, expires=SCAN_EVERY)
def scan_files() -> None:
    """Scan the files that wait for it; does nothing without a scanner, and goes on later when it does not answer."""
    if not is_configured():
        return
    for organization_id in db.session.scalars(select(Organization.id).order_by(Organization.id)).all():
        with acting_as(db.session(), Actor(organization_id)) as session:
            try:
                last: int | None = 0
                while last is not None:
                    last = scan_next(last)
                    session.commit()
            except ScannerAway:
                session.commit()
                current_app.logger.warning("The scanner does not answer; files wait for the next turn")
                return
