"""The hourly cleanup of the file store."""

from __future__ import annotations

from sqlalchemy import select

from app.extensions import db
from app.gateways.storage import storage
from app.services.attachment.cleanup import chunks, erase_orphans, sweep_chunk
from app.tasks.base import periodic
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as

SWEEP_EVERY = 3600.0


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
