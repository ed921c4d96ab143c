"""The preview of a large file of a section: a job tries its first rows, and stores nothing of them."""

import re

import pytest

from app.panel.imports.preview_screen import query_of
from app.tasks.section_imports import run_section_import
from models.job import ExportJob, ImportJob, ImportStatus, JobStatus
from models.product import Product
from tests.factories import member
from tests.panel.imports.steps import PRODUCTS, map_columns, upload
from tests.sales.long_steps import work

AMBIGUOUS = "عنوان,کد,قیمت\nکتاب,B-1,1.000\nجزوه,B-2,2.000\n"


@pytest.fixture(autouse=True)
def few(stranger_organization, manager, monkeypatch):
    monkeypatch.setattr("app.panel.imports.preview_screen.MOST_CELLS", 1)
    monkeypatch.setattr(run_section_import, "delay", lambda *_ids: None)


def started(client, data=PRODUCTS):
    """The address of an import whose columns are chosen."""
    url = upload(client, data).location
    assert map_columns(client, url).location == f"{url}/preview"
    return url


def made(session, client, url, *, runs=True, token="a"):
    assert client.post(f"{url}/make", data={"_token": token}).location == f"{url}/preview"
    job = session.query(ExportJob).order_by(ExportJob.id.desc()).first()
    return work(session, job) if runs else job


def fates(client, url):
    """What becomes of each shown row; None while the preview is not made."""
    text = client.get(f"{url}/preview").text
    return None if f"{url}/make" in text else re.findall(r'data-fate="(\w+)"', text)


def test_a_job_makes_it_and_stores_nothing(session, login, manager):
    client = login(manager)
    url = started(client)
    assert fates(client, url) is None
    job = made(session, client, url)
    assert (job.status, job.done) == (JobStatus.DONE, 2)
    assert fates(client, url) == ["added", "added"]
    assert '<div id="record" data-reloads>' in client.get(f"{url}/preview").text
    assert [row.code for row in session.query(Product) if row.code.startswith("B-")] == []


def test_it_shows_what_a_small_file_shows(session, login, manager, monkeypatch):
    client = login(manager)
    url = started(client)
    made(session, client, url)
    stored = client.get(f"{url}/preview").text.partition("<tbody>")[2]
    monkeypatch.setattr("app.panel.imports.preview_screen.MOST_CELLS", 100)
    at_once = client.get(f"{url}/preview").text.partition("<tbody>")[2]
    assert stored.partition("</tbody>")[0] == at_once.partition("</tbody>")[0]
    assert "data-fate" in stored


def test_a_small_file_has_no_job(session, login, manager, monkeypatch):
    monkeypatch.setattr("app.panel.imports.preview_screen.MOST_CELLS", 100)
    client = login(manager)
    url = started(client)
    assert fates(client, url) == ["added", "added"]
    client.post(f"{url}/make")
    assert session.query(ExportJob).count() == 0


def test_its_question_is_answered_before_the_run(session, login, manager):
    client = login(manager)
    url = started(client, AMBIGUOUS)
    client.post(f"{url}/run")
    key = int(url.rpartition("/")[2])
    assert session.get_one(ImportJob, key).status is ImportStatus.UPLOADED
    assert "نخست پیش‌نمایش این فایل را ببینید." in client.get(url).text
    made(session, client, url)
    assert fates(client, url) == ["refused", "refused"]
    client.post(f"{url}/reading", data={"numbers": "thousands"})
    assert fates(client, url) is None
    made(session, client, url, token="b")
    assert fates(client, url) == ["added", "added"]
    client.post(f"{url}/run")
    session.expire_all()
    assert session.get_one(ImportJob, key).status is ImportStatus.QUEUED


def test_a_second_tab_makes_no_second_job(session, login, manager):
    client = login(manager)
    url = started(client)
    first = made(session, client, url, runs=False).id
    assert made(session, client, url, runs=False, token="b").id == first
    other = started(client, AMBIGUOUS)
    assert made(session, client, other, runs=False, token="c").id != first


def test_columns_chosen_anew_ask_for_another_preview(session, login, manager):
    client = login(manager)
    url = started(client)
    old = made(session, client, url, runs=False)
    map_columns(client, url, **{"column-0": "title", "column-1": "code"})
    job = work(session, old)
    assert (job.status, job.stored_name) == (JobStatus.FAILED, None)
    key = int(url.rpartition("/")[2])
    assert query_of(session.get_one(ImportJob, key)) != job.query


def test_a_stopped_job_says_so(session, login, manager):
    client = login(manager)
    url = started(client)
    job = made(session, client, url, runs=False)
    client.post(f"/exports/{job.id}/cancel")
    assert work(session, job).status is JobStatus.CANCELLED
    assert "پیش‌نمایش پیش از آماده شدن متوقف شد." in client.get(f"{url}/preview").text


def test_a_file_that_can_not_be_read_fails_in_words(session, login, manager, monkeypatch):
    client = login(manager)
    url = started(client)
    monkeypatch.setattr("app.gateways.storage.limited._CHILD", "no.such.module")
    job = made(session, client, url)
    assert job.status is JobStatus.FAILED
    assert job.error in client.get(f"{url}/preview").text


def test_others_find_nothing(session, login, organization, stranger_organization, manager):
    client = login(manager)
    url = started(client)
    key = made(session, client, url).id
    for other in (member("Manager", organization, "another"), member("Manager", stranger_organization)):
        browser = login(other)
        assert browser.get(f"{url}/preview").status_code == 404
        assert browser.post(f"{url}/make").status_code == 404
        assert browser.get(f"/exports/{key}").status_code == 404


def test_who_lost_the_right_gets_a_failure_in_words(session, login, manager):
    client = login(manager)
    job = made(session, client, started(client), runs=False)
    session.refresh(manager)
    manager.roles = []
    job = work(session, job)
    assert (job.status, job.error) == (JobStatus.FAILED, "اجازهٔ این کار گرفته شده است.")
