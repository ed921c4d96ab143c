"""Imports in the background and from the command line."""

import json
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app.extensions import appbuilder, celery, db
from app.lib.clock import now
from app.panel.impersonation import JobAborted
from app.services.imports.describe import describe
from app.services.imports.jobs import queue_import, receive_file
from app.services.imports.run import run_import
from app.tasks import imports
from app.tasks.imports import run_import_job, sweep, work_off
from models.job import ImportJob, ImportStatus
from models.order import Order
from models.organization import OrganizationStatus
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import ProductFactory, member, organization_with

LEADS = Path(__file__).parents[1] / "data" / "leads"
TRUTH = json.loads((LEADS / "truth.json").read_text("utf-8"))


@dataclass(frozen=True)
class Queued:
    """A queued job, by ids: the task starts from those alone."""

    id: int
    organization_id: int
    manager_id: int

    def load(self) -> ImportJob:
        bind(db.session(), Actor(self.organization_id, self.manager_id))
        return db.session.get_one(ImportJob, self.id, populate_existing=True)


@pytest.fixture
def queued(session, manager, organization) -> Queued:
    product = ProductFactory()
    data = f"موبایل,محصول\n09120000000,{product.code}\n09120000001,{product.code}\n".encode()
    job = receive_file(BytesIO(data), name="orders.csv", client_token=uuid4())
    queue_import(job, describe(job).mapping)
    session.commit()
    return Queued(job.id, organization.id, manager.id)


def queue_other(manager) -> int:
    """The import of another manager, who stays."""
    with acting_as(db.session(), Actor(manager.organization_id)):
        other = member("Manager", manager.organization, "other-manager")
    with acting_as(db.session(), Actor(manager.organization_id, other.id)):
        product = ProductFactory()
        data = f"موبایل,محصول\n09120000009,{product.code}\n".encode()
        job = receive_file(BytesIO(data), name="other.csv", client_token=uuid4())
        queue_import(job, describe(job).mapping)
        db.session.commit()
        return job.id


class TestTheTask:
    def test_imports_for_whoever_queued_the_file(self, session, queued):
        run_import_job(queued.id, queued.organization_id)

        job = queued.load()
        assert (job.status, job.accepted) == (ImportStatus.DONE, 2)
        assert set(session.scalars(select(Order.created_by_id))) == {queued.manager_id}

    def test_does_nothing_the_second_time(self, session, queued):
        for _ in range(2):
            run_import_job(queued.id, queued.organization_id)

        assert queued.load().accepted == 2
        assert session.scalar(select(func.count(Order.id))) == 2

    def test_knows_no_job_of_another_organisation(self, queued, stranger_organization):
        run_import_job(queued.id, stranger_organization.id)

        assert queued.load().status is ImportStatus.QUEUED

    @pytest.mark.parametrize("lost", ["account", "right", "organisation"])
    def test_ends_when_the_member_may_not_import_any_more(self, session, queued, manager, organization, lost):
        other = queue_other(manager)
        # Loaded anew: what was loaded before somebody else acted is detached.
        for row in (manager, organization):
            session.add(row)
        if lost == "account":
            manager.active = False
        elif lost == "right":
            manager.roles = [appbuilder.sm.find_role("Consultant")]
        else:
            organization.status = OrganizationStatus.SUSPENDED
        session.commit()

        run_import_job(queued.id, queued.organization_id)

        job = queued.load()
        assert (job.status, job.accepted) == (ImportStatus.FAILED, 0)
        reason = "اجازهٔ" if lost == "right" else "دیگر"
        assert reason in job.error
        assert session.scalar(select(func.count(Order.id))) == 0
        if lost != "organisation":
            run_import_job(other, queued.organization_id)
            assert session.get_one(ImportJob, other, populate_existing=True).accepted == 1

    def test_ends_between_two_parts_of_the_file(self, session, queued, manager, monkeypatch):
        monkeypatch.setattr(imports, "run_import", lambda job: run_import(job, chunk=1))
        steps = iter(["before the first row", "after the first row"])

        def right(*_of):
            if next(steps) == "after the first row":
                raise JobAborted("withdrawn")

        monkeypatch.setattr(imports, "lock_permission", right)

        run_import_job(queued.id, queued.organization_id)

        job = queued.load()
        assert (job.status, job.accepted, job.error) == (ImportStatus.FAILED, 1, "withdrawn")

    def test_writes_on_the_job_what_went_wrong_with_it(self, queued, monkeypatch):
        monkeypatch.setattr("app.services.imports.run.place_orders", _raise(ZeroDivisionError()))

        with pytest.raises(ZeroDivisionError):
            run_import_job(queued.id, queued.organization_id)

        job = queued.load()
        assert job.status is ImportStatus.FAILED
        assert job.error
        assert "ZeroDivision" not in job.error

    def test_leaves_the_job_to_be_taken_up_when_the_database_is_gone(self, queued, monkeypatch):
        gone = OperationalError("", {}, Exception())
        monkeypatch.setattr("app.services.imports.run.place_orders", _raise(gone))

        with pytest.raises(OperationalError):
            work_off(queued.load())

        assert queued.load().status is ImportStatus.RUNNING

    def test_states_its_limits(self):
        assert run_import_job.acks_late
        assert run_import_job.soft_time_limit < run_import_job.time_limit


def _raise(error: Exception):
    def place(*args, **kwargs):
        raise error

    return place


class TestTheSweep:
    def test_is_scheduled(self):
        assert celery.conf.beat_schedule["intake.sweep"]["task"] == sweep.name

    def test_sends_again_what_was_left(self, session, queued, monkeypatch):
        sent = []
        job = queued.load()
        job.status, job.lease_until = ImportStatus.RUNNING, now() - timedelta(minutes=5)
        session.commit()
        monkeypatch.setattr(run_import_job, "delay", lambda *ids: sent.append(ids))

        sweep()

        assert sent == [(queued.id, queued.organization_id)]


class TestTheCommand:
    @pytest.mark.parametrize("name", [name for name in TRUTH if name.endswith(("csv", "xlsx"))])
    def test_prints_the_figures_of_the_truth(self, app, session, name):
        organization_with("leads", **TRUTH["products"])
        session.commit()

        done = app.test_cli_runner().invoke(
            args=["import-orders", str(LEADS / name), "--organization", "leads", "--json"]
        )

        assert json.loads(done.stdout) == TRUTH[name]

    def test_goes_on_where_a_killed_command_ended(self, app, session):
        organization = organization_with("leads", **TRUTH["products"])
        bind(session, Actor(organization.id))
        with (LEADS / "legacy-1256.csv").open("rb") as stream:
            job = receive_file(stream, name="legacy-1256.csv", client_token=uuid4())
        queue_import(job, describe(job).mapping)
        begun = run_import(job, chunk=100)
        next(begun)
        next(begun)
        job.lease_until = job.created_at - timedelta(hours=1)
        session.commit()
        command = ["import-orders", str(LEADS / "legacy-1256.csv"), "--organization", "leads", "--json"]

        done = app.test_cli_runner().invoke(args=command)

        assert json.loads(done.stdout) == TRUTH["legacy-1256.csv"]

    def test_adds_nothing_the_second_time_and_says_so(self, app, session):
        organization_with("leads", **TRUTH["products"])
        session.commit()
        command = ["import-orders", str(LEADS / "legacy-1256.csv"), "--organization", "leads"]
        runner = app.test_cli_runner()
        runner.invoke(args=command)

        again = runner.invoke(args=command)

        assert again.exit_code == 0
        assert "پیش‌تر" in again.output
        assert session.scalar(select(func.count(ImportJob.id)), execution_options={"unscoped": True}) == 1

    def test_knows_its_organisations(self, app, session):
        done = app.test_cli_runner().invoke(
            args=["import-orders", str(LEADS / "legacy-1256.csv"), "--organization", "nobody"]
        )

        assert done.exit_code == 1
        assert "nobody" in done.output
