"""Sweep up behind files, once an hour."""

from __future__ import annotations

from sqlalchemy import select

from app.extensions import celery, db
from app.gateways.storage import storage
from app.services.attachment.cleanup import chunks, erase_orphans, sweep_chunk
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as

SWEEP_EVERY = 3600.0

celery.conf.beat_schedule = {
    **(celery.conf.beat_schedule or {}),
    "attachment.sweep": {"task": "attachment.sweep", "schedule": SWEEP_EVERY},
}


@celery.task(name="attachment.sweep", soft_time_limit=1500, time_limit=1600)
def sweep_files() -> int:
    """Erase rows without a parent, then delete files without a row; returns how many files.

    What a run leaves because its time was over, the next one finds: safe to run twice, and at any moment.
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
