"""What the platform may know of the jobs of organisations: how many there are, and since when they wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.extensions import db
from models.job import ImportJob, ImportStatus
from models.organization import Organization


@dataclass(frozen=True)
class JobCount:
    organization: str
    status: ImportStatus
    number: int
    oldest: datetime


def count_jobs() -> Sequence[JobCount]:
    """The imports of every organisation by their state."""
    statement = (
        select(Organization.name, ImportJob.status, func.count(), func.min(ImportJob.created_at))
        .join(Organization, Organization.id == ImportJob.organization_id)
        .group_by(Organization.id, Organization.name, ImportJob.status)
        .order_by(Organization.name, ImportJob.status)
    )
    # Numbers alone leave the organisation: no name of a file, no row.
    found = db.session.execute(statement, execution_options={"unscoped": True})
    return [JobCount(*row) for row in found]
