"""The daily reminders of documents that expire soon."""

from __future__ import annotations

from celery.schedules import crontab
from sqlalchemy import select

from app.extensions import db
from app.lib.jalali import today
from app.services.dossier import remind_chunk
from app.tasks.base import apart, periodic
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as

# 08:00 in Tehran.
REMIND_AT = crontab(hour="4", minute="30")


@periodic("dossier.remind", REMIND_AT, soft_time_limit=600, time_limit=660)
def remind_of_documents() -> int:
    """Remind of all due documents, one transaction for each chunk; returns how many.

    The rows have the marks, so the task can run at any moment and more than once.
    """
    # The chunks of a day are one act, so that each member gets one notification.
    reminded, act = 0, f"dossier.remind-{today().isoformat()}"
    for organization_id in db.session.scalars(select(Organization.id).order_by(Organization.id)).all():
        with acting_as(db.session(), Actor(organization_id, request_id=act)) as session, apart(act):
            while number := remind_chunk():
                reminded += number
                session.commit()
    return reminded
