"""Figures on the import jobs of all organisations, for platform admins."""

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
    """The number of imports by organisation and status."""
    statement = (
        select(Organization.name, ImportJob.status, func.count(), func.min(ImportJob.created_at))
        .join(Organization, Organization.id == ImportJob.organization_id)
        .group_by(Organization.id, Organization.name, ImportJob.status)
        .order_by(Organization.name, ImportJob.status)
    )
    # Reads counts of all organisations, no names of files and no rows.
    found = db.session.execute(statement, execution_options={"unscoped": True})
    return [JobCount(*row) for row in found]
