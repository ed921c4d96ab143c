"""Local ids of messages: numbers of ours that providers return in their reports."""

from __future__ import annotations

from sqlalchemy import func, select, true

from app.extensions import db
from models.sms.message import local_ids
from models.sms.quota import SmsLocalId


def take_local_ids(number: int) -> list[int]:
    """*number* local ids that were never used before."""
    if db.session.connection().dialect.name == "postgresql":
        series = func.generate_series(1, number).table_valued("n").render_derived()
        return list(db.session.scalars(select(local_ids.next_value()).select_from(series).where(true())))
    # On SQLite this transaction is the only writer at this point.
    counter = db.session.get_one(SmsLocalId, 1, populate_existing=True)
    counter.last += number
    db.session.flush()
    return list(range(counter.last - number + 1, counter.last + 1))
