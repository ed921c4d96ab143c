"""Checks of the stored data: the invariants of SMS and the hash chains of the audit trail."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click
from flask import current_app
from sqlalchemy import create_engine, select

from app.extensions import db
from app.gateways.sms.sandbox_ledger import LedgerUnavailable, read_ledger
from app.lib.persian import persian_digits
from app.services.audit.prune import prune
from app.services.sms.invariants.checks import check as check_messages
from app.services.sms.invariants.ledger import check_ledger
from app.tasks.audit import verify_chains
from models.organization import Organization
from models.tenancy.row_security import lift_policies


@click.command("sms-audit")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--ledger", "ledgers", multiple=True, help="A sandbox's http://…/sandbox/ledger, to compare with."
)
def sms_audit(ledgers: tuple[str, ...], *, as_json: bool) -> None:
    """Check all messages against the invariants; exit code 1 when one is violated."""
    findings = check_messages()
    if ledgers:
        try:
            findings += check_ledger(accept for url in ledgers for accept in read_ledger(url))
        except LedgerUnavailable as error:
            raise click.ClickException(f"دفتر سندباکس خوانده نشد: {error}") from error
    if as_json:
        lines = [{**asdict(each), "holds": each.holds} for each in findings]
        click.echo(json.dumps(lines, default=str))
    for each in () if as_json else findings:
        verdict = "برقرار" if each.holds else f"شکسته: {list(each.broken)}"
        click.echo(f"{each.name:<5} {each.says:<70} {verdict}")
    if not all(each.holds for each in findings):
        sys.exit(1)


@click.command("verify-audit")
def verify_audit() -> None:
    """Check the hash chain of every organisation; exit code 1 when an event was changed or removed."""
    verdicts = verify_chains()
    for slug, verdict in verdicts.items():
        found = f"{verdict.links} رویداد زنجیر شده و {verdict.unlinked} رویداد در انتظار، سر زنجیر "
        if verdict.broken_at is not None:
            found = f"زنجیر پس از {verdict.links} رویداد، در رویداد {verdict.broken_at} شکسته است؛ تا آنجا "
        click.echo(f"{slug}: {persian_digits(found)}{verdict.head}")
    if any(verdict.broken_at is not None for verdict in verdicts.values()):
        sys.exit(1)


@click.command("prune-audit")
def prune_audit() -> None:
    """Delete events of more than two years, as the owner of the tables; chains that are broken are left as they are."""
    verdicts = verify_chains()
    found = db.session.execute(select(Organization.slug, Organization.id)).all()
    keys: dict[str, int] = {row.slug: row.id for row in found}
    db.session.rollback()
    settings = current_app.config
    engine = create_engine(
        settings["DATABASE_OWNER_URL"] or settings["SQLALCHEMY_DATABASE_URI"], hide_parameters=True
    )
    for slug, verdict in verdicts.items():
        if verdict.broken_at is not None:
            click.echo(f"{slug}: زنجیر شکسته است؛ چیزی حذف نشد.")
            continue
        with engine.begin() as connection:
            lift_policies(connection)
            count = prune(connection, keys[slug])
        click.echo(persian_digits(f"{slug}: {count} رویداد قدیمی حذف شد."))
    engine.dispose()
    if any(verdict.broken_at is not None for verdict in verdicts.values()):
        sys.exit(1)
