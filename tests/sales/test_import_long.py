"""The preview of a large file of orders: a job makes it for the member who asked, who sees it for some minutes."""

import re

import pytest

from app.tasks.imports import run_import_job
from models.customer import Customer
from models.job import ExportJob, ImportJob, ImportStatus, JobStatus
from models.order import Order
from tests.factories import ProductFactory, member
from tests.sales.import_steps import upload
from tests.sales.long_steps import AMBIGUOUS, MAKING, TEXT, made, shown, started, work


@pytest.fixture(autouse=True)
def few(session, stranger_organization, manager, monkeypatch):
    monkeypatch.setattr("app.panel.imports.preview_screen.MOST_CELLS", 1)
    monkeypatch.setattr(run_import_job, "delay", lambda *_ids: None)
    ProductFactory(title="کتاب کار", code="K-1")
    session.commit()


def parts(page):
    """What the preview says: its figures, its sentences and the cells of its rows."""
    return re.findall(
        r'<(?:td|th|p|li|strong|span|div class="stat)[^>]*>[^<]+', page.partition('id="record"')[2]
    )


class TestMaking:
    def test_the_page_comes_without_the_file_and_the_job_reads_it(self, session, login, manager, monkeypatch):
        client = login(manager)
        with monkeypatch.context() as unread:
            key = started(session, client)
            unread.setattr("app.gateways.storage.limited.open_limited", lambda *_given, **_named: 1 / 0)
            unread.setattr("app.gateways.storage.tables.open_limited", lambda *_given, **_named: 1 / 0)
            before = shown(client, key)
        assert MAKING in before
        assert "data-fate" not in before
        job = made(session, client, key)
        assert (job.status, job.done, job.total) == (JobStatus.DONE, 4, 4)
        after = shown(client, key)
        assert MAKING not in after
        # The script of the progress puts the second page in place of the first.
        assert all('<div id="record" data-reloads>' in page for page in (before, after))
        assert re.findall(r'data-fate="(\w+)"', after) == ["new", "repeated", "rejected", "new"]
        assert session.query(Order).count() == session.query(Customer).count() == 0

    def test_it_shows_what_a_preview_without_a_job_shows(self, session, login, manager, monkeypatch):
        client = login(manager)
        key = started(session, client)
        made(session, client, key)
        stored = shown(client, key)
        monkeypatch.setattr("app.panel.imports.preview_screen.MOST_CELLS", 10**6)
        at_once = shown(client, key)
        assert parts(stored) == parts(at_once)
        assert len(parts(stored)) > 20

    def test_a_small_file_is_read_at_once(self, session, login, manager, monkeypatch):
        monkeypatch.setattr("app.panel.imports.preview_screen.MOST_CELLS", 10**6)
        client = login(manager)
        key = started(session, client)
        assert MAKING not in shown(client, key)
        assert client.post(f"/imports/make/{key}").location == f"/imports/preview/{key}"
        assert session.query(ExportJob).count() == 0

    def test_a_file_without_columns_makes_nothing(self, session, login, manager):
        key = upload(TEXT).id
        session.commit()
        client = login(manager)
        client.post(f"/imports/make/{key}")
        assert session.query(ExportJob).count() == 0
        assert client.get(f"/imports/preview/{key}").location == f"/imports/show/{key}"

    def test_the_question_on_an_ambiguous_column_comes_with_it(self, session, login, manager):
        client = login(manager)
        key = started(session, client, AMBIGUOUS)
        assert "reading" not in shown(client, key)
        made(session, client, key)
        asking = shown(client, key)
        assert f'action="/imports/reading/{key}"' in asking
        assert set(re.findall(r'data-fate="(\w+)"', asking)) == {"rejected"}
        client.post(f"/imports/reading/{key}", data={"dates": "gregorian-dmy"})
        assert MAKING in shown(client, key)
        made(session, client, key, token="b")
        assert set(re.findall(r'data-fate="(\w+)"', shown(client, key))) == {"new"}


class TestRun:
    def test_a_preview_that_was_not_made_can_not_be_run(self, session, login, manager):
        client = login(manager)
        key = started(session, client)
        client.post(f"/imports/run/{key}")
        assert "نخست پیش‌نمایش این فایل را ببینید." in client.get(f"/imports/show/{key}").text
        assert session.get_one(ImportJob, key).status is ImportStatus.UPLOADED
        made(session, client, key)
        client.post(f"/imports/run/{key}")
        session.expire_all()
        assert session.get_one(ImportJob, key).status is ImportStatus.QUEUED

    def test_a_job_that_comes_after_the_run_makes_nothing(self, session, login, manager, organization):
        client = login(manager)
        key = started(session, client)
        made(session, client, key)
        client.post(f"/imports/reading/{key}", data={"dates": "gregorian-dmy"})
        late = made(session, client, key, runs=False, token="b")
        client.post(f"/imports/run/{key}")
        job = work(session, late)
        assert (job.status, job.stored_name) == (JobStatus.FAILED, None)


class TestRights:
    def test_a_colleague_makes_their_own(self, session, login, organization, manager):
        other = login(member("Manager", organization, "another manager"))
        client = login(manager)
        key = started(session, client)
        job = made(session, client, key)
        assert MAKING in shown(other, key)
        assert other.get(f"/exports/{job.id}").status_code == 404
        assert other.post(f"/exports/{job.id}/cancel").status_code == 404
        assert made(session, other, key, token="b").id != job.id
        assert MAKING not in shown(other, key)

    def test_a_stranger_finds_nothing(self, session, login, stranger_organization, manager):
        stranger = login(member("Manager", stranger_organization))
        client = login(manager)
        key = started(session, client)
        job = made(session, client, key)
        assert stranger.get(f"/imports/preview/{key}").status_code == 404
        assert stranger.post(f"/imports/make/{key}").status_code == 404
        assert stranger.get(f"/exports/{job.id}").status_code == 404

    def test_a_consultant_may_not(self, session, login, consultant, manager):
        key = started(session, login(manager))
        assert login(consultant).post(f"/imports/make/{key}").status_code == 403
        assert session.query(ExportJob).count() == 0

    def test_it_is_no_file(self, session, login, manager):
        client = login(manager)
        job = made(session, client, started(session, client))
        assert client.get(f"/exports/{job.id}/file").status_code == 403
        assert "پیش‌نمایش orders.csv" in client.get(f"/exports/{job.id}").text
        assert 'href="/imports/preview/' in client.get(f"/exports/{job.id}").text

    def test_who_lost_the_right_gets_a_failure_in_words(self, session, login, manager, organization):
        client = login(manager)
        export = made(session, client, started(session, client), runs=False)
        session.refresh(manager)
        manager.roles = []
        job = work(session, export)
        assert (job.status, job.error) == (JobStatus.FAILED, "اجازهٔ این کار گرفته شده است.")
