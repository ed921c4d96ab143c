"""Preparation of the database for `make run`."""

from __future__ import annotations

import click
from flask import current_app

from app.checks.database import refuse_unready
from app.commands.database import ensure_sms_account, migrate
from app.commands.demo import SEED, build, demo_password, print_accounts
from app.services.demo.build import is_built
from app.services.demo.description import describe_demo


@click.command("prepare")
def prepare() -> None:
    """Migrate, load the demo data once and print one account per role."""
    migrate()
    refuse_unready(current_app.config)
    ensure_sms_account()
    if current_app.config["APP_ENV"] == "production":
        return
    if not is_built():
        build(organizations=2, follow_ups=60, seed=SEED)
    users = describe_demo(demo_password(SEED)).users
    first = {user["role"]: user for user in reversed(users) if user["active"]}
    print_accounts(list(first.values()))
