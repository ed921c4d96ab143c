"""The nightly purge of the trash."""

from __future__ import annotations

from celery.schedules import crontab
from sqlalchemy import select

from app.extensions import db
from app.services.notification import delete_old
from app.services.trash import erase_chunk
from app.tasks.base import periodic
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as
from models.trash import soft_deleted_models

# 02:30 in Tehran.
PURGE_AT = crontab(hour="23", minute="0")


@periodic("trash.purge", PURGE_AT, soft_time_limit=3500)
def purge_trash() -> int:
    """Erase rows whose time in the trash is over, one transaction for each chunk; returns how many rows."""
    organizations = db.session.scalars(select(Organization.id).order_by(Organization.id)).all()
    return sum(_purge(organization_id) for organization_id in organizations)


def _purge(organization_id: int) -> int:
    erased = 0
    with acting_as(db.session(), Actor(organization_id)) as session:
        # Children before parents: a row that another one refers to stays.
        for model in reversed(soft_deleted_models()):
            last: int | None = 0
            while last is not None:
                last, gone = erase_chunk(model, after=last)
                erased += gone
                session.commit()
        delete_old()
        session.commit()
    return erased
