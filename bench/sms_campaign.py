"""The inner process of `bench_sms.py`: creates the campaign, starts it and measures the times."""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select, text, update

from app.extensions import celery, db
from app.lib.clock import now
from app.services.sms.campaign.create import create_campaign
from app.services.sms.campaign.recipients import Selection
from models.customer import Customer
from models.member import Member
from models.sms.attempt import SmsAttempt
from models.sms.campaign import Audience, CampaignStatus, SmsCampaign
from models.sms.message import HANDED_OVER, SmsMessage
from models.sms.template import SmsTemplate
from tests.drills.drill_run import DrillRun, drill_run
from tests.drills.processes import Process, wait_for

FILL = """
INSERT INTO customers (organization_id, mobile, first_name, last_name, opted_out, search_key, sort_key,
                       created_at, updated_at, row_version)
SELECT :here, '+989' || lpad((10000000 + n)::text, 8, '0') || '5', 'مریم', 'رضایی', false,
       'مریم رضایی|9' || (10000000 + n), 'مریم', now(), now(), 1
FROM generate_series(1, :customers) n
"""


# Matches the partial indexes, because counting all rows would take CPU time from the measured workers.
ON_THE_WAY = """
SELECT EXISTS (SELECT FROM sms_messages WHERE campaign_id = :key AND state = 'queued')
    OR EXISTS (SELECT FROM sms_messages WHERE state IN ('claimed', 'submitting') AND lease_until IS NOT NULL)
"""


def resident(worker: Process) -> float:
    """The memory, in megabytes, of the worker's pool process."""
    [child] = worker.children()
    status = Path(f"/proc/{child}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def create(place: DrillRun, most: int | None = None) -> tuple[int, float]:
    """Create a campaign as the web server does; returns its key and the seconds until the commit."""
    with place.actor() as session:
        begun = perf_counter()
        rows = select(Customer).order_by(Customer.id).limit(most)
        made = create_campaign(
            Selection(Audience.CUSTOMERS, rows),
            session.get_one(SmsTemplate, place.template_id),
            client_token=uuid4(),
            by=session.get_one(Member, place.member_id),
            # Scheduled, so that preparation and sending are measured separately.
            scheduled_at=now() + timedelta(hours=1),
        )
        key = made.campaign.id
        session.commit()
        return key, perf_counter() - begun


def prepared(place: DrillRun, key: int, worker: Process, total: int) -> dict[str, Any]:
    """The seconds to prepare all messages, and the growth of the worker after the first tenth."""
    begun = perf_counter()
    count = select(SmsCampaign.total).where(SmsCampaign.id == key)
    wait_for(lambda: (place.look(lambda session: session.scalar(count)) or 0) >= total / 10, "a tenth")
    early = resident(worker)
    wait_for(lambda: place.campaign(key).status is CampaignStatus.SCHEDULED, "the messages", 120)
    taken = perf_counter() - begun
    late = resident(worker)
    return {"insert_s": round(taken, 2), "rss_mb": round(late), "rss_growth_mb": round(late - early, 1)}


def send_all(place: DrillRun, key: int) -> float:
    """Messages per second from the first attempt to the last response, by the database's clock."""
    place.change(update(SmsMessage).where(SmsMessage.campaign_id == key).values(not_before=now()))
    place.change(
        update(SmsCampaign)
        .where(SmsCampaign.id == key)
        .values(status=CampaignStatus.RUNNING, row_version=SmsCampaign.row_version + 1)
    )
    place.tick()
    place.tick()
    waiting = text(ON_THE_WAY).bindparams(key=key)

    def ended(session: Any) -> bool:
        return session.connection().execute(waiting).scalar() is False

    wait_for(lambda: place.look(ended), "the last answer", 300)
    span = func.max(SmsAttempt.finished_at) - func.min(SmsAttempt.started_at)
    statement = (
        select(func.count(), func.extract("epoch", span))
        .join(SmsMessage, SmsMessage.id == SmsAttempt.message_id)
        .where(SmsMessage.campaign_id == key)
    )
    number, seconds = place.look(lambda session: session.execute(statement).one())
    return float(number / float(seconds))


def one_by_one(place: DrillRun, keys: list[int]) -> float:
    """Messages per second with one task for each."""
    begun = perf_counter()
    for key in keys:
        celery.send_task("bench.send_one", (place.organization_id, key))
    left = select(func.count()).where(SmsMessage.id.in_(keys), SmsMessage.state.not_in(HANDED_OVER))
    wait_for(lambda: place.look(lambda session: session.scalar(left)) == 0, "the tasks", 300)
    return len(keys) / (perf_counter() - begun)


def measure(place: DrillRun, customers: int, single: int) -> dict[str, Any]:
    with place.acting() as session:
        session.connection().execute(text(FILL), {"here": place.organization_id, "customers": customers})
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    first, second = place.workers
    for worker in place.workers:
        worker.command += ["-I", "one_task"]
    first.start()
    wait_for(first.children, "the worker")
    # The first campaign warms everything up; its messages are sent one by one at the end.
    few, _seconds = create(place, single)
    wait_for(lambda: place.campaign(few).status is CampaignStatus.SCHEDULED, "the first messages")
    key, seconds = create(place)
    found = {"customers": customers, "answer_s": round(seconds, 2)}
    found |= prepared(place, key, first, customers)
    second.start()
    wait_for(second.children, "the other worker")
    found["batches_per_s"] = round(send_all(place, key))
    waiting = select(SmsMessage.id).where(SmsMessage.campaign_id == few)
    keys = place.look(lambda session: session.scalars(waiting).all())
    found["one_task_each_per_s"] = round(one_by_one(place, keys))
    return found


def main() -> None:
    customers, single = map(int, sys.argv[1:])
    with drill_run(Path(os.environ["VAR_DIR"])) as place:
        print(json.dumps(measure(place, customers, single)))


if __name__ == "__main__":
    main()
