"""Leases of messages: how long they last, by which clock, and how a transaction that writes begins."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from flask import current_app

from app.extensions import db

# Names of the tasks that look for what is due.
WAKE, PREPARE = "sms.dispatch", "sms.prepare"


def begin_writing() -> None:
    """On SQLite take the one writer's place at once: a reader that turns writer may find itself too late."""
    connection = db.session.connection()
    if connection.dialect.name != "sqlite":
        return
    driver = connection.connection.driver_connection
    if driver is not None and not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def commit_to_disk() -> None:
    """Whatever the server is set to, this transaction's commit outlives its crash; SQLite's always does."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO on")


def plan_anew() -> None:
    """For this transaction, let PostgreSQL plan for the tables as they are now, and read by plain index scans.

    A plan that was kept from when the queue was short reads all of an organisation's messages for each batch, and a bitmap never learns
    which entries of an index are dead; a batch of 200 pays for a new plan many times over.
    """
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_bitmapscan', 'off', true)"
        )


def wire_lease() -> timedelta:
    """Longer than a call can take: five seconds to connect and twenty to read."""
    return timedelta(seconds=current_app.config["SMS_LEASE"])


def claim_lease() -> timedelta:
    return wire_lease() * 2 / 3


def look_up_pauses() -> list[timedelta]:
    """The pauses before the first, second and third look-up of a message without an answer."""
    return [timedelta(seconds=seconds) for seconds in current_app.config["SMS_LOOK_UPS"]]


def look_up_pause(number: int) -> timedelta:
    pauses = look_up_pauses()
    return pauses[min(number, len(pauses) - 1)]


def owner() -> str:
    """Who holds a lease, for whoever reads the table."""
    return f"{socket.gethostname()}:{os.getpid()}"[:80]


def poll_pause(number: int) -> timedelta | None:
    """The pause before the next question about a message's delivery; None when it was asked often enough."""
    pauses = current_app.config["SMS_POLLS"]
    return timedelta(seconds=pauses[number]) if number < len(pauses) else None
