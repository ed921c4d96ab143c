"""An organisation with due tasks in an empty database, for the workers of `test_task_schedule_processes.py`.

``python -m tests.day.schedule_rows REMINDERS RECURRING`` migrates the database of the environment and fills it.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from alembic import command

from app.commands.database import alembic_config
from app.extensions import db
from app.factory import create_app
from app.lib.clock import now
from app.lib.jalali import today
from app.security_manager import sync_roles
from models.schedule.task_schedule import Repeat
from models.task import Task
from models.tenancy.scope import Actor, acting_as
from tests import factories


def fill(reminders: int, recurring: int) -> None:
    organization = factories.organization_with("rows")
    db.session.commit()
    with acting_as(db.session(), Actor(organization.id)) as session:
        owner = factories.member("Consultant", organization)
        tasks = [Task(title=f"یادآوری {number}", owner_id=owner.id) for number in range(reminders)]
        session.add_all(tasks)
        session.flush()
        for number, task in enumerate(tasks):
            task.remind_at = now() - timedelta(seconds=number)
        yesterday = {"due_on": today() - timedelta(days=1), "repeats": Repeat.DAILY}
        session.add_all(
            Task(title=f"هر روز {number}", owner_id=owner.id, **yesterday) for number in range(recurring)
        )
        session.commit()


if __name__ == "__main__":
    app = create_app()
    with app.app_context():
        command.upgrade(alembic_config(app.config["SQLALCHEMY_DATABASE_URI"]), "head")
        sync_roles()
        fill(*map(int, sys.argv[1:3]))
