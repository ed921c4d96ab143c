"""Link the events that were committed since, and walk along the chains at night."""

from __future__ import annotations

from celery.schedules import crontab
from flask import current_app
from sqlalchemy import select

from app.extensions import celery, db
from app.services.audit.hash_chain import BATCH, Verdict, find_unlinked, link_events, verify_chain
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as

LINK_EVERY = 60.0

celery.conf.beat_schedule = {
    **(celery.conf.beat_schedule or {}),
    "audit.link": {"task": "audit.link", "schedule": LINK_EVERY},
    # Two o'clock at night in Tehran.
    "audit.verify": {"task": "audit.verify", "schedule": crontab(hour="22", minute="30")},
}


@celery.task(name="audit.link", soft_time_limit=300, time_limit=330)
def link_chains() -> int:
    """Link what waits, one transaction for each batch; returns how many events."""
    linked = 0
    for organization_id in find_unlinked():
        with acting_as(db.session(), Actor(organization_id)) as session:
            while batch := link_events():
                session.commit()
                linked += batch
                if batch < BATCH:
                    break
    return linked


@celery.task(name="audit.verify", soft_time_limit=1700)
def verify_chains() -> dict[str, Verdict]:
    """Walk along every organisation's chain; the log keeps each head, to which a later walk can be compared."""
    verdicts = {}
    organizations = select(Organization.slug, Organization.id).order_by(Organization.id)
    for slug, key in db.session.execute(organizations).all():
        with acting_as(db.session(), Actor(key)):
            verdict = verdicts[slug] = verify_chain()
        what = (slug, verdict.links, verdict.head)
        if verdict.broken_at is None:
            current_app.logger.info("The trail of %s holds: %s links, head %s", *what)
        else:
            message = "The trail of %s is broken after %s links (%s), at event %s"
            current_app.logger.critical(message, *what, verdict.broken_at)
    return verdicts
