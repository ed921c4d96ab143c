"""Durations of message leases, the clock they use, and settings of writing transactions."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from flask import current_app

from app.extensions import db

# Names of the Celery tasks that process due messages and campaigns.
DISPATCH_TASK, PREPARE_TASK = "sms.dispatch", "sms.prepare"


def begin_writing() -> None:
    """Begin a write transaction on SQLite, because upgrading a read transaction may fail."""
    connection = db.session.connection()
    if connection.dialect.name != "sqlite":
        return
    driver = connection.connection.driver_connection
    if driver is not None and not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def commit_to_disk() -> None:
    """Make PostgreSQL flush this transaction's commit to disk, whatever the server's setting is.

    SQLite always does.
    """
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO on")


def force_custom_plans() -> None:
    """Make PostgreSQL plan this transaction's statements anew, without bitmap scans.

    A cached plan from a short queue reads all messages of an organisation for each batch, and a bitmap scan
    never marks dead index entries. For a batch of 200, a new plan costs far less.
    """
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_bitmapscan', 'off', true)"
        )


def call_lease() -> timedelta:
    """The lease of a message during its call; longer than the call's timeouts (5 s connect, 20 s read)."""
    return timedelta(seconds=current_app.config["SMS_LEASE"])


def claim_lease() -> timedelta:
    return call_lease() * 2 / 3


def look_up_pauses() -> list[timedelta]:
    """The pauses before the first, second and third look-up of a message without an answer."""
    return [timedelta(seconds=seconds) for seconds in current_app.config["SMS_LOOK_UPS"]]


def look_up_pause(number: int) -> timedelta:
    pauses = look_up_pauses()
    return pauses[min(number, len(pauses) - 1)]


def lease_owner() -> str:
    """Host and process id of this worker, stored with a lease for diagnosis."""
    return f"{socket.gethostname()}:{os.getpid()}"[:80]


def poll_pause(number: int) -> timedelta | None:
    """The pause before poll *number* of a message's delivery status; None after the last poll."""
    pauses = current_app.config["SMS_POLLS"]
    return timedelta(seconds=pauses[number]) if number < len(pauses) else None
