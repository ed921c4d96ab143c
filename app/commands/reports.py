"""The summary of the ledger that reports read."""

from __future__ import annotations

import click
from sqlalchemy import select

from app.extensions import db
from app.services.report.rebuild import rebuild_summary
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as


@click.command("rebuild-report-days")
def rebuild_report_days() -> None:
    """Write the summary that reports read again, one transaction for each organisation."""
    rows = db.session.execute(select(Organization.id, Organization.slug).order_by(Organization.id)).all()
    for key, slug in rows:
        with acting_as(db.session(), Actor(key)) as session:
            rebuild_summary()
            session.commit()
        click.echo(f"{slug}: خلاصهٔ گزارش‌ها از نو ساخته شد.")
