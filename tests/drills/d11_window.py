"""D-11: the window closes in the middle of a campaign; what is left waits for the next opening."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import update

from app.lib.clock import now
from app.lib.jalali import TEHRAN
from models.organization import Organization
from models.sms.message import MessageState
from tests.drills.processes import pause
from tests.drills.stage import Stage
from tests.drills.verdict import Judge

MESSAGES, OPEN_FOR, AFTERWARDS = 2000, 15, 20.0
_LAST = timedelta(seconds=30)


def run(stage: Stage, judge: Judge) -> None:
    keys = stage.customers(MESSAGES)
    stage.sandbox.control(slow=0.3)
    closes = now().astimezone(TEHRAN) + timedelta(seconds=OPEN_FOR)
    # It opens again when this drill has looked.
    opens = (closes + timedelta(seconds=AFTERWARDS + 15)).time()
    _set(stage, sending_from=opens, sending_until=closes.time())
    stage.start()
    stage.send(keys)
    pause(OPEN_FOR + AFTERWARDS)

    accepts = stage.sandbox.accepts()
    last = datetime.fromtimestamp(max(entry["at"] for entry in accepts), TEHRAN)
    judge.note(before_closing=len(accepts), last_after=round((last - closes).total_seconds(), 1))
    judge.expect(len(accepts) < MESSAGES, "all had left before the window closed")
    judge.expect(last < closes + _LAST, f"the last one left at {last}, closed at {closes}")
    judge.expect(_all_wait(stage), "they don't wait for the opening")
    judge.audit()
    stage.wait_until_over()


def _set(stage: Stage, **fields: time) -> None:
    stage.change(update(Organization).where(Organization.id == stage.organization_id).values(**fields))


def _all_wait(stage: Stage) -> bool:
    """Whether what is left is in the queue, all of it."""
    busy = (MessageState.CLAIMED, MessageState.SUBMITTING, MessageState.UNKNOWN)
    return stage.number(MessageState.QUEUED) > 0 and not stage.number(*busy)
