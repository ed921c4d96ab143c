"""D-11: the sending hours end during a campaign; the remaining messages wait for the next opening."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import update

from app.lib.clock import now
from app.lib.jalali import TEHRAN
from models.organization import Organization
from models.sms.message import MessageState
from tests.drills.drill_run import DrillRun
from tests.drills.processes import pause
from tests.drills.result import DrillChecks

MESSAGES, OPEN_FOR, AFTERWARDS = 2000, 15, 20.0
_LAST = timedelta(seconds=30)


def run(drill: DrillRun, checks: DrillChecks) -> None:
    keys = drill.customers(MESSAGES)
    drill.sandbox.control(slow=0.3)
    closes = now().astimezone(TEHRAN) + timedelta(seconds=OPEN_FOR)
    # The next opening is after the check below.
    opens = (closes + timedelta(seconds=AFTERWARDS + 15)).time()
    _set(drill, sending_from=opens, sending_until=closes.time())
    drill.start()
    drill.send(keys)
    pause(OPEN_FOR + AFTERWARDS)

    accepts = drill.sandbox.accepts()
    last = datetime.fromtimestamp(max(entry["at"] for entry in accepts), TEHRAN)
    checks.note(before_closing=len(accepts), last_after=round((last - closes).total_seconds(), 1))
    checks.expect(len(accepts) < MESSAGES, "all had left before the window closed")
    checks.expect(last < closes + _LAST, f"the last one left at {last}, closed at {closes}")
    checks.expect(_all_wait(drill), "they don't wait for the opening")
    checks.audit()
    drill.wait_until_over()


def _set(drill: DrillRun, **fields: time) -> None:
    drill.change(update(Organization).where(Organization.id == drill.organization_id).values(**fields))


def _all_wait(drill: DrillRun) -> bool:
    """Whether all remaining messages are in the queue."""
    busy = (MessageState.CLAIMED, MessageState.SUBMITTING, MessageState.UNKNOWN)
    return drill.number(MessageState.QUEUED) > 0 and not drill.number(*busy)
