"""The nightly care of the summary that reports read."""

from __future__ import annotations

from celery.schedules import crontab
from sqlalchemy import select

from app.extensions import db
from app.services.report.rebuild import days_to_merge, merge_day
from app.tasks.base import periodic
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as

# 02:50 in Tehran.
MERGE_AT = crontab(hour="23", minute="20")


@periodic("reports.merge_days", MERGE_AT, soft_time_limit=3500)
def merge_days() -> int:
    """Merge the rows of past days, one transaction for each day; returns how many days."""
    organizations = db.session.scalars(select(Organization.id).order_by(Organization.id)).all()
    return sum(_merge(organization_id) for organization_id in organizations)


def _merge(organization_id: int) -> int:
    with acting_as(db.session(), Actor(organization_id)) as session:
        days = days_to_merge()
        for each in days:
            merge_day(each)
            session.commit()
    return len(days)
