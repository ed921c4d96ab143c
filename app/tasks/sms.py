"""Periodic tasks of SMS delivery. Each reads from the tables what is due, so the next run makes up for a lost one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from mmap import mmap
from pathlib import Path
from typing import Any

from celery.schedules import crontab
from celery.signals import worker_init, worker_shutting_down
from flask import current_app
from sqlalchemy import select

from app.extensions import db
from app.lib.process.file_lock import claim_host, exclusive_lock
from app.services.audit.record import muted
from app.services.sms.campaign.prepare import lock_preparing, prepare_chunk
from app.services.sms.delivery.credit import check_credit
from app.services.sms.delivery.dispatch import drain
from app.services.sms.delivery.reaper import (
    advance_campaigns,
    expire,
    organizations_with_lost_leases,
    organizations_with_open_campaigns,
    reap,
)
from app.services.sms.delivery.reconcile import find_due, reconcile
from app.services.sms.delivery.reports import REPORTS_TASK, apply_reports
from app.services.sms.invariants.checks import check
from app.services.sms.lease import DISPATCH_TASK, PREPARE_TASK, begin_writing
from app.tasks.base import Decorator, periodic
from models.sms.campaign import CampaignStatus, SmsCampaign
from models.tenancy.scope import Actor, acting_as

# Seconds after which a dispatch task ends and sends itself again: well below its soft limit.
DRAIN_FOR = 30.0
# 02:30 in Tehran.
AUDIT_AT = crontab(hour="23", minute="0")
# A byte shared by a worker and its pool processes. Shared memory needs no lock, which a killed process could leave taken.
_stopping = mmap(-1, 1)


@worker_shutting_down.connect
def _stop(**_signal: Any) -> None:
    """Claim no more messages; the calls under way are finished and their results stored."""
    _stopping[0] = 1


@worker_init.connect
def _start(**_signal: Any) -> None:
    _stopping[0] = 0


def is_stopping() -> bool:
    """Whether the worker of this process is shutting down."""
    return bool(_stopping[0])


def sms_task(name: str, every: float | crontab) -> Decorator:
    """A periodic task that is never retried: the tables say what remains to be done."""
    return periodic(
        name, every, expires=30, acks_late=False, ignore_result=True, soft_time_limit=110, time_limit=120
    )


@sms_task(DISPATCH_TASK, 5.0)
def dispatch() -> None:
    """Send the due messages."""
    with _only_dispatcher() as is_only:
        has_more = is_only and drain(DRAIN_FOR, is_stopping)
    if has_more:
        dispatch.delay()


@contextmanager
def _only_dispatcher() -> Iterator[bool]:
    """Whether this process may send: with SQLite only one process of one host sends at a time."""
    url = db.engine.url
    if url.get_backend_name() != "sqlite":
        yield True
        return
    file = Path(url.database or "")
    if other := claim_host(file):
        current_app.logger.critical("The SQLite file is in the hands of %s, too; nothing is sent here", other)
        yield False
        return
    with exclusive_lock(file, "dispatcher") as is_only:
        yield is_only


@sms_task("sms.reap", 10.0)
def sweep() -> None:
    """Free the messages of dead workers, expire those that waited too long, and close finished campaigns."""
    for organization_id in organizations_with_lost_leases():
        _run_within(organization_id, reap)
    for organization_id in organizations_with_open_campaigns():
        _run_within(organization_id, expire)
        _run_within(organization_id, advance_campaigns)


def _run_within(organization_id: int, step: Callable[[], Any]) -> None:
    """Run *step* for one organisation and commit."""
    with acting_as(db.session(), Actor(organization_id)) as session, muted():
        step()
        session.commit()


@sms_task("sms.reconcile", 15.0)
def look_up() -> None:
    """Ask providers about messages that got no answer or no delivery report."""
    for organization_id, provider_id in find_due():
        while reconcile(organization_id, provider_id):
            pass


@sms_task(PREPARE_TASK, 30.0)
def prepare() -> None:
    """Write the messages of the campaigns that are being prepared."""
    statement = select(SmsCampaign.id, SmsCampaign.organization_id).where(
        SmsCampaign.status == CampaignStatus.PREPARING
    )
    # Reads ids only; each campaign is then prepared within its organisation.
    waiting = db.session.execute(statement, execution_options={"unscoped": True}).all()
    db.session.commit()
    for campaign_id, organization_id in waiting:
        while _prepare(campaign_id, organization_id):
            pass


def _prepare(campaign_id: int, organization_id: int) -> bool:
    """Write one chunk in one transaction; returns whether there is more.

    The campaign's row is locked, so two workers take turns and no message is written twice.
    """
    with acting_as(db.session(), Actor(organization_id)) as session, muted():
        begin_writing()
        campaign = lock_preparing(campaign_id)
        has_more = campaign is not None and prepare_chunk(campaign)
        session.commit()
        return has_more


@sms_task(REPORTS_TASK, 30.0)
def reports() -> None:
    """Apply delivery reports, including those that arrived before the send result was stored."""
    while apply_reports():
        pass


@sms_task("sms.credit", 60.0)
def credit() -> None:
    """Let provider accounts and campaigns continue that had paused for lack of credit."""
    if check_credit():
        dispatch.delay()


@sms_task("sms.audit", AUDIT_AT)
def audit() -> None:
    """Check the invariants of the SMS tables and log each violation."""
    for finding in check():
        if not finding.holds:
            current_app.logger.critical("SMS invariant %s is broken: %s", finding.name, finding.broken)
