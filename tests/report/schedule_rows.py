"""An organisation with due reports in an empty database, for the workers of `test_schedule_processes.py`.

``python -m tests.report.schedule_rows REPORTS`` migrates the database of the environment and fills it.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from alembic import command

from app.commands.database import alembic_config
from app.extensions import db
from app.factory import create_app
from app.lib.clock import now
from app.security_manager import sync_roles
from models.schedule.saved_report import SavedReport, Sending
from models.tenancy.scope import Actor, acting_as
from tests import factories


def fill(reports: int) -> None:
    organization = factories.organization_with("rows")
    db.session.commit()
    with acting_as(db.session(), Actor(organization.id)) as session:
        people = [factories.member(role, organization) for role in ("Manager", "Consultant")]
        session.add_all(
            SavedReport(
                member_id=people[0].id,
                section="reports/final-sales",
                name=f"گزارش {number}",
                sending=Sending.MONTHLY,
                month_day=1,
                hour=8,
                span="yesterday",
                receivers=[person.id for person in people],
                next_at=now() - timedelta(seconds=number),
            )
            for number in range(reports)
        )
        session.commit()


if __name__ == "__main__":
    app = create_app()
    with app.app_context():
        command.upgrade(alembic_config(app.config["SQLALCHEMY_DATABASE_URI"]), "head")
        sync_roles()
        fill(int(sys.argv[1]))
