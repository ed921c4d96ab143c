"""Deleted rows of the demo, which a manager can restore."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from app.extensions import db
from app.services.demo.draw import Draw
from app.services.demo.insert import insert_rows
from app.services.demo.people import new_customer
from models.customer import Customer
from models.dossier import Dossier
from models.sms.template import SmsTemplate
from models.tenancy.scope import actor_of

# The days since the customers were deleted.
_DAYS = (1, 4, 9)


def fill_trash(draw: Draw, manager_id: int) -> None:
    """Add customers, a template and a dossier that the manager has deleted."""
    rows = []
    for days in _DAYS:
        created_at = draw.calendar.working_day(days + 5)
        rows.append({**new_customer(draw, created_at), **_deleted(draw, manager_id, days)})
    insert_rows(Customer, rows, at=draw.start)
    db.session.add(
        SmsTemplate(
            title="جشنوارهٔ بهار", body="{نام} عزیز، بهار مبارک. {سازمان}", **_deleted(draw, manager_id, 12)
        )
    )
    db.session.add(Dossier(legal_name="شرکت نمونهٔ تکراری", **_deleted(draw, manager_id, 2)))
    db.session.flush()


def _deleted(draw: Draw, manager_id: int, days: int) -> dict[str, Any]:
    """The marks of a deletion some working days ago."""
    organization_id = actor_of(db.session()).organization_id
    return {
        "deleted_at": draw.calendar.working_day(days, hour=13) + timedelta(minutes=days),
        "deleted_by_id": manager_id,
        "delete_batch": uuid5(NAMESPACE_URL, f"ava demo trash {organization_id} {days}"),
    }
