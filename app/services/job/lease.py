"""Leases of background jobs (imports, bulk actions, exports): one worker to a job, measured by the database's clock.

A job is one row, and `lease_until` is also its token: only the worker that wrote this moment may renew or end the
lease. A job whose lease has expired is free again, since its chunks are committed one by one and can go on.

Leases of SMS messages (`app.services.sms.delivery.claim`) are a mechanism of their own. They cover a batch of rows
under a token, and an expired one does not always free its message: after the provider was called, a second run could
send twice. Both share `database_now`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, func, or_, select, update

from app.extensions import db
from app.lib.clock import now
from app.services.audit.record import muted
from app.services.notification import report
from models.types import UtcDateTime

# A chunk takes a second or two. A worker that has renewed nothing for this long is dead.
LEASE = timedelta(minutes=2)


def database_now() -> datetime:
    """The database server's clock, which all workers share. For SQLite it is the host's clock."""
    if db.session.connection().dialect.name == "sqlite":
        return datetime.now(UTC)
    moment: datetime = db.session.scalars(select(func.clock_timestamp(type_=UtcDateTime))).one()
    return moment


class Lease:
    """The lease of one worker on one job, `job` being its row in each call."""

    def __init__(self, until: datetime) -> None:
        self._until = self._earlier = until

    def renew(self, job: Any) -> bool:
        """Extend the lease and lock the job's row until the commit; False when the lease was lost."""
        for until in self._possible():
            renewed = database_now() + LEASE
            if _update_if(job, _is_ours(type(job), until), {"lease_until": renewed}):
                self._earlier, self._until = until, renewed
                return True
        return False

    def end(self, job: Any, status: Any, *, error: str | None = None) -> bool:
        """Write the final *status* of *job*; False when the lease was lost."""
        values = {"status": status, "lease_until": None, "finished_at": now(), "error": error and error[:500]}
        ended = any(_update_if(job, _is_ours(type(job), until), values) for until in self._possible())
        if ended:
            # The worker acts for the member who asked for the job, and that member is notified.
            report(type(job), "status", [job.id], by_program=True)
        return ended

    def _possible(self) -> Sequence[datetime]:
        """The values that the row may have: after a rollback it has the one before the last renewal."""
        return [self._until] if self._until == self._earlier else [self._until, self._earlier]


def claim(job: Any) -> Lease | None:
    """Take a free job and flush; returns the lease, None when another worker has the job or it has ended."""
    model, moment = type(job), database_now()
    until = moment + LEASE
    values = {
        "status": status_of(model, "RUNNING"),
        "started_at": func.coalesce(model.started_at, now()),
        "lease_until": until,
    }
    return Lease(until) if _update_if(job, _is_free(model, moment), values) else None


def find_abandoned(model: Any, *conditions: ColumnElement[bool]) -> list[tuple[int, int]]:
    """(job id, organisation id) of the jobs of all organisations that are queued or whose lease has expired."""
    statement = select(model.id, model.organization_id).where(_is_free(model, database_now()), *conditions)
    # The sweep covers all organisations and reads ids only; each job then runs within its organisation.
    found = db.session.execute(statement, execution_options={"unscoped": True})
    return [(key, organization_id) for key, organization_id in found]


def status_of(model: Any, name: str) -> Any:
    """The status *name* of *model*: imports and jobs on lists have enumerations of their own."""
    return model.status.type.enum_class[name]


def _is_free(model: Any, moment: datetime) -> ColumnElement[bool]:
    expired = and_(model.status == status_of(model, "RUNNING"), model.lease_until < moment)
    return or_(model.status == status_of(model, "QUEUED"), expired)


def _is_ours(model: Any, until: datetime) -> ColumnElement[bool]:
    return and_(model.status == status_of(model, "RUNNING"), model.lease_until == until)


def _update_if(job: Any, condition: ColumnElement[bool], values: dict[str, Any]) -> bool:
    """Write *values* where *condition* still holds, and reload the job; returns whether it was written."""
    model = type(job)
    with muted():
        result: CursorResult[Any] = db.session.execute(
            update(model)
            .where(model.id == job.id, condition)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        db.session.refresh(job)
    return bool(result.rowcount)
