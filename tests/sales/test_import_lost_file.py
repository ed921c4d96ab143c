"""Imports whose stored file is gone or cannot be read: a sentence instead of an internal error, and the others go on."""

from io import BytesIO
from uuid import uuid4

import pytest

from app.gateways.storage import StoreUnavailable, storage
from app.gateways.storage.tables import BadFile
from app.services.imports.jobs import queue_import, receive_file
from app.tasks.imports import run_import_job
from models.job import ImportJob, ImportStatus
from tests.factories import ProductFactory
from tests.panel.imports.steps import start, upload, work

GONE = "این فایل دیگر در سامانه نیست؛ آن را دوباره وارد کنید."
AWAY = "فایل خوانده نشد؛ چند لحظه دیگر دوباره تلاش کنید."
MAPPING = {"mobile": 0, "product": 1}


@pytest.fixture
def jobs(session, manager):
    """Two imports of orders."""
    ProductFactory(code="K-1")
    found = []
    for number in (1, 2):
        text = f"موبایل,کالا\n0912123456{number},K-1\n"
        found.append(receive_file(BytesIO(text.encode()), name="a.csv", client_token=uuid4()))
        found[-1].mapping = MAPPING
    session.commit()
    return found


def lose(job):
    storage().path(job.stored_name).unlink()


@pytest.mark.parametrize("step", ["show", "preview"])
def test_a_page_says_that_the_file_is_gone(session, login, manager, jobs, step):
    lost, other = jobs
    lose(lost)
    browser = login(manager)

    answer = browser.get(f"/imports/{step}/{lost.id}")

    assert (answer.status_code, GONE in answer.text, "همزمان" in answer.text) == (409, True, False)
    assert browser.get(f"/imports/{step}/{other.id}").status_code == 200


def test_a_page_of_a_section_says_so_too(session, login, manager):
    browser = login(manager)
    lost, other = (upload(browser, f"کد,عنوان\nA-{n},کتاب\n").location for n in (1, 2))
    lose(session.get_one(ImportJob, int(lost.rpartition("/")[2])))

    answer = browser.get(lost)

    assert (answer.status_code, GONE in answer.text) == (409, True)
    assert browser.get(other).status_code == 200


def test_a_page_says_that_the_store_is_away(login, manager, jobs, monkeypatch):
    def path(_store, _name):
        raise StoreUnavailable

    monkeypatch.setattr(type(storage()), "path", path)

    answer = login(manager).get(f"/imports/show/{jobs[0].id}")

    assert (answer.status_code, AWAY in answer.text) == (409, True)


def test_a_run_fails_with_the_reason(session, manager, jobs, organization):
    lost, other = (job.id for job in jobs)
    for job in jobs:
        queue_import(job, MAPPING)
    session.commit()
    lose(session.get_one(ImportJob, lost))

    with pytest.raises(BadFile):
        run_import_job(lost, organization.id)
    run_import_job(other, organization.id)

    session.expire_all()
    found = {key: session.get_one(ImportJob, key) for key in (lost, other)}
    assert (found[lost].status, found[lost].error) == (ImportStatus.FAILED, GONE)
    assert (found[other].status, found[other].accepted) == (ImportStatus.DONE, 1)


def test_a_run_of_a_section_fails_with_the_reason(session, login, manager, organization):
    browser = login(manager)
    (lost, key), (other, second) = (start(browser, f"عنوان,کد,قیمت\nکتاب,A-{n},1000\n") for n in (1, 2))
    lose(session.get_one(ImportJob, key))

    with pytest.raises(BadFile):
        work(session, organization, key)
    found = work(session, organization, second)

    assert found.status is ImportStatus.DONE
    assert (GONE in browser.get(lost).text, GONE in browser.get(other).text) == (True, False)
