"""E11: an import is stopped by its member, and a worker that lost its job leaves it alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.extensions import db
from app.lib.clock import now
from app.panel.imports import run
from app.tasks.section_imports import run_section_import
from models.audit.event import AuditEvent
from models.job import ImportJob, ImportStatus
from models.product import Product
from models.tenancy.scope import Actor, bind
from tests.factories import member
from tests.panel.imports.steps import PRODUCTS, start, stored, work


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    found = []
    monkeypatch.setattr(run_section_import, "delay", lambda *ids: found.append(ids))
    return found


def codes(session, organization):
    return {row.code for row in stored(session, organization, Product) if row.code.startswith("B-")}


def test_a_stop_ends_between_two_chunks_and_leaves_other_imports(
    session, login, manager, organization, monkeypatch
):
    monkeypatch.setattr(run, "CHUNK", 1)
    browser = login(manager)
    _url, key = start(browser, PRODUCTS)
    _other, waiting = start(browser, "عنوان,کد,قیمت\nدفتر,B-9,1000\n")
    write = run._write

    def then_stop(section, job, rows, table):
        write(section, job, rows, table)
        db.session.execute(update(ImportJob).where(ImportJob.id == key).values(status=ImportStatus.STOPPED))

    monkeypatch.setattr(run, "_write", then_stop)
    job = work(session, organization, key)
    monkeypatch.setattr(run, "_write", write)

    assert (job.status, job.accepted, codes(session, organization)) == (ImportStatus.STOPPED, 1, {"B-1"})
    assert session.get_one(ImportJob, waiting).status is ImportStatus.QUEUED


def test_the_button_is_final_and_recorded(session, login, manager, organization):
    browser = login(manager)
    url, key = start(browser, PRODUCTS)

    assert f"{url}/stop" in browser.get(url).text
    assert browser.post(f"{url}/stop").location == url
    job = work(session, organization, key)
    again = browser.post(f"{url}/stop")

    assert (job.status, again.status_code, codes(session, organization)) == (
        ImportStatus.STOPPED,
        302,
        set(),
    )
    assert "متوقف شد" in browser.get(url).text
    events = session.scalars(select(AuditEvent.action).where(AuditEvent.action == "stop import")).all()
    assert len(events) == 1


def test_the_button_is_for_its_own_member(session, login, manager, organization):
    colleague = member("Manager", organization, "second-manager")
    url, key = start(login(manager), PRODUCTS)

    assert login(colleague).post(f"{url}/stop").status_code == 404
    assert session.get_one(ImportJob, key).status is ImportStatus.QUEUED


def test_a_worker_that_lost_its_lease_does_not_fail_the_job_of_the_next(
    session, login, manager, organization, monkeypatch
):
    _url, key = start(login(manager), PRODUCTS)
    owner, others = organization.id, now() + timedelta(minutes=1)

    def lose_it_and_die(_section, _job, _rows, _table):
        db.session.rollback()
        db.session.execute(update(ImportJob).where(ImportJob.id == key).values(lease_until=others))
        db.session.commit()
        raise ZeroDivisionError

    monkeypatch.setattr(run, "_write", lose_it_and_die)
    with pytest.raises(ZeroDivisionError):
        work(session, organization, key)

    bind(session, Actor(owner))
    job = session.get_one(ImportJob, key, populate_existing=True)
    assert (job.status, job.lease_until) == (ImportStatus.RUNNING, others)
