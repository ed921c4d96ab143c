"""One worker to a job: leases by the database's clock, and what was left by a worker that is gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, and_, func, or_, select, update

from app.extensions import db
from app.lib.clock import now
from app.services.audit.record import muted
from models.types import UtcDateTime

# A chunk takes a second or two; a worker that was silent for so long is dead.
LEASE = timedelta(minutes=2)


def claim(job: Any) -> datetime | None:
    """Take *job* for a while and flush; None when it is another's, or through."""
    moment = _database_now()
    values = {
        "status": _status(type(job), "RUNNING"),
        "started_at": func.coalesce(type(job).started_at, now()),
    }
    lease = moment + LEASE
    return lease if _take(job, _is_free(type(job), moment), values | {"lease_until": lease}) else None


def renew(job: Any, lease: datetime) -> datetime | None:
    """Keep the job for another while, and its row locked until the commit; None when it was lost."""
    renewed = _database_now() + LEASE
    return renewed if _take(job, _is_ours(type(job), lease), {"lease_until": renewed}) else None


def end(job: Any, lease: datetime, status: Any, *, error: str | None = None) -> bool:
    """Say how *job* ended, unless somebody else has it by now."""
    values = {"status": status, "lease_until": None, "finished_at": now(), "error": error and error[:500]}
    return _take(job, _is_ours(type(job), lease), values)


def find_abandoned(model: Any, *conditions: Any) -> list[tuple[int, int]]:
    """(job, organisation) of what waits in the queue, or runs for a worker that is gone; of all organisations."""
    statement = select(model.id, model.organization_id).where(_is_free(model, _database_now()), *conditions)
    # The sweep works for everybody; it learns ids alone, and each job then runs bound to its organisation.
    found = db.session.execute(statement, execution_options={"unscoped": True})
    return [(key, owner) for key, owner in found]


def _database_now() -> datetime:
    """Leases go by the one clock that all workers share."""
    moment: datetime = db.session.scalars(select(func.now(type_=UtcDateTime))).one()
    return moment


def _status(model: Any, name: str) -> Any:
    """The status *name* of *model*: imports and jobs on lists have enumerations of their own."""
    return model.status.type.enum_class[name]


def _is_free(model: Any, moment: datetime) -> Any:
    left = and_(model.status == _status(model, "RUNNING"), model.lease_until < moment)
    return or_(model.status == _status(model, "QUEUED"), left)


def _is_ours(model: Any, lease: datetime) -> Any:
    return and_(model.status == _status(model, "RUNNING"), model.lease_until == lease)


def _take(job: Any, condition: Any, values: dict[str, Any]) -> bool:
    model = type(job)
    with muted():
        taken: CursorResult[Any] = db.session.execute(
            update(model)
            .where(model.id == job.id, condition)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        db.session.refresh(job)
    return bool(taken.rowcount)
