"""The commands of ``flask --app run``; all of them are safe to repeat."""

from __future__ import annotations

from flask import Flask

from app.commands.audit import prune_audit, sms_audit, verify_audit
from app.commands.create import create_admin, create_organization
from app.commands.database import upgrade
from app.commands.demo import demo
from app.commands.doctor import doctor
from app.commands.imports import import_orders
from app.commands.letters import persian_letters_command
from app.commands.permissions import security_matrix
from app.commands.prepare import prepare
from app.commands.reports import rebuild_report_days

COMMANDS = (
    upgrade,
    persian_letters_command,
    demo,
    prepare,
    create_organization,
    create_admin,
    import_orders,
    verify_audit,
    prune_audit,
    sms_audit,
    doctor,
    rebuild_report_days,
    security_matrix,
)


def register(app: Flask) -> None:
    """Add the commands to *app*."""
    for command in COMMANDS:
        app.cli.add_command(command)
