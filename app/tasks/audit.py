"""Hash chains of the audit trail: linked every minute, verified every night."""

from __future__ import annotations

from celery.schedules import crontab
from flask import current_app
from sqlalchemy import select

from app.extensions import db
from app.services.audit.hash_chain import BATCH, find_unlinked, link_events
from app.services.audit.verification import Verdict, verify_chain
from app.tasks.base import periodic
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as

LINK_EVERY = 60.0
# 02:00 in Tehran.
VERIFY_AT = crontab(hour="22", minute="30")


@periodic("audit.link", LINK_EVERY, soft_time_limit=300, time_limit=330)
def link_chains() -> int:
    """Link all unlinked events, one transaction for each batch; returns how many events."""
    linked = 0
    for organization_id in find_unlinked():
        with acting_as(db.session(), Actor(organization_id)) as session:
            while batch := link_events():
                session.commit()
                linked += batch
                if batch < BATCH:
                    break
    return linked


@periodic("audit.verify", VERIFY_AT, soft_time_limit=1700)
def verify_chains() -> dict[str, Verdict]:
    """Verify every organisation's chain; returns the verdicts by slug.

    The log gets each head, so that a later run can be compared with it.
    """
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
