"""The machine's clockwork: each task looks into the tables for what is due, and a lost one is made up by the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from mmap import mmap
from pathlib import Path
from typing import Any

from celery import Task
from celery.schedules import crontab
from celery.signals import worker_init, worker_shutting_down
from flask import current_app
from sqlalchemy import select

from app.extensions import celery, db
from app.lib.file_lock import claim_host, exclusive_lock
from app.services.audit.record import muted
from app.services.sms.campaign.prepare import lock_preparing, prepare_chunk
from app.services.sms.delivery.credit import check_credit
from app.services.sms.delivery.dispatch import drain
from app.services.sms.delivery.reaper import (
    expire,
    organizations_with_lost_leases,
    organizations_with_open_campaigns,
    reap,
    tidy,
)
from app.services.sms.delivery.reconcile import find_due, reconcile
from app.services.sms.delivery.reports import REPORTS, apply_reports
from app.services.sms.invariants.checks import check
from app.services.sms.lease import PREPARE, WAKE, begin_writing
from models.sms.campaign import CampaignStatus, SmsCampaign
from models.tenancy.scope import Actor, acting_as

# A task stops on its own before the hard limit, and asks for its turn again.
DRAIN_FOR = 30.0
# One byte that a worker shares with its pool, without a lock that a killed process could take along.
_stopping = mmap(-1, 1)


@worker_shutting_down.connect
def _stop(**_signal: Any) -> None:
    """Claim nothing more: what is on the wire is finished and written down, then the worker ends."""
    _stopping[0] = 1


@worker_init.connect
def _start(**_signal: Any) -> None:
    _stopping[0] = 0


def is_stopping() -> bool:
    return bool(_stopping[0])


def _every(seconds: float, name: str) -> dict[str, Any]:
    return {"task": name, "schedule": seconds, "options": {"expires": 30}}


celery.conf.beat_schedule = {
    **(celery.conf.beat_schedule or {}),
    WAKE: _every(5.0, WAKE),
    "sms.reap": _every(10.0, "sms.reap"),
    "sms.reconcile": _every(15.0, "sms.reconcile"),
    PREPARE: _every(30.0, PREPARE),
    REPORTS: _every(30.0, REPORTS),
    "sms.credit": _every(60.0, "sms.credit"),
    # Half past two at night in Tehran.
    "sms.audit": {"task": "sms.audit", "schedule": crontab(hour="23", minute="0")},
}


def tick(name: str) -> Callable[[Callable[[], Any]], Task]:
    """A task that nobody repeats: the tables know better than a message what is still to be done."""
    made: Callable[[Callable[[], Any]], Task] = celery.task(
        name=name, acks_late=False, ignore_result=True, soft_time_limit=110, time_limit=120, expires=30
    )
    return made


@tick(WAKE)
def dispatch() -> None:
    """Send what is due."""
    with _alone() as is_mine:
        has_more = is_mine and drain(DRAIN_FOR, is_stopping)
    if has_more:
        dispatch.delay()


@contextmanager
def _alone() -> Iterator[bool]:
    """On SQLite one process sends, which says now and then that this machine has the file."""
    url = db.engine.url
    if url.get_backend_name() != "sqlite":
        yield True
        return
    file = Path(url.database or "")
    if other := claim_host(file):
        current_app.logger.critical("The SQLite file is in the hands of %s, too; nothing is sent here", other)
        yield False
        return
    with exclusive_lock(file, "dispatcher") as is_mine:
        yield is_mine


@tick("sms.reap")
def sweep() -> None:
    """Free what dead workers held, let expire what waited too long, end what is over."""
    for organization_id in organizations_with_lost_leases():
        _for(organization_id, reap)
    for organization_id in organizations_with_open_campaigns():
        _for(organization_id, expire)
        _for(organization_id, tidy)


def _for(organization_id: int, act: Callable[[], Any]) -> Any:
    with acting_as(db.session(), Actor(organization_id)) as session, muted():
        done = act()
        session.commit()
        return done


@tick("sms.reconcile")
def look_up() -> None:
    """Ask providers about messages that went without an answer or without a report."""
    for organization_id, provider_id in find_due():
        while reconcile(organization_id, provider_id):
            pass


@tick(PREPARE)
def prepare() -> None:
    """Make the messages of the campaigns that wait for it."""
    statement = select(SmsCampaign.id, SmsCampaign.organization_id).where(
        SmsCampaign.status == CampaignStatus.PREPARING
    )
    # Ids alone; each campaign is then prepared for its organisation.
    waiting = db.session.execute(statement, execution_options={"unscoped": True}).all()
    db.session.commit()
    for campaign_id, organization_id in waiting:
        while _prepare(campaign_id, organization_id):
            pass


def _prepare(campaign_id: int, organization_id: int) -> bool:
    """One chunk, one transaction; the row is held, so two workers take turns and make nothing twice."""
    with acting_as(db.session(), Actor(organization_id)) as session, muted():
        begin_writing()
        campaign = lock_preparing(campaign_id)
        has_more = campaign is not None and prepare_chunk(campaign)
        session.commit()
        return has_more


@tick(REPORTS)
def reports() -> None:
    """Apply what providers reported, also what came before our own commit."""
    while apply_reports():
        pass


@tick("sms.credit")
def credit() -> None:
    """Let accounts and campaigns go on that waited for credit."""
    if check_credit():
        dispatch.delay()


@tick("sms.audit")
def audit() -> None:
    """Hold the tables against the invariants; what is broken stands in the log."""
    for finding in check():
        if not finding.holds:
            current_app.logger.critical("SMS invariant %s is broken: %s", finding.name, finding.broken)
