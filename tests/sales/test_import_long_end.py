"""The preview of a large file of orders: two tabs, and the ways in which its job ends."""

from datetime import timedelta

import pytest

from app.extensions import db
from app.lib.clock import now, start_at
from app.lib.tables.source import TableReason, UnreadableFile
from app.services.imports.preview import preview_steps
from app.services.job.lease import LEASE
from app.tasks.export import PAGE_AVAILABLE_FOR, run_export, sweep_exports
from app.tasks.imports import run_import_job
from models.job import ExportJob, ImportJob, JobStatus
from tests.factories import ProductFactory
from tests.sales.long_steps import AMBIGUOUS, COLUMNS, MAKING, made, shown, started, work


@pytest.fixture(autouse=True)
def few(session, manager, monkeypatch):
    monkeypatch.setattr("app.panel.imports.preview_screen.MOST_CELLS", 1)
    monkeypatch.setattr(run_import_job, "delay", lambda *_ids: None)
    ProductFactory(title="کتاب کار", code="K-1")
    session.commit()


class TestTwoTabs:
    def test_the_second_tab_makes_no_second_job(self, session, login, manager):
        client = login(manager)
        key = started(session, client)
        first = made(session, client, key, runs=False)
        assert f'hx-get="/exports/{first.id}/progress"' in shown(client, key)
        assert made(session, client, key, runs=False, token="b").id == first.id
        other = started(session, client, AMBIGUOUS)
        assert made(session, client, other, runs=False, token="c").id != first.id

    def test_columns_changed_in_the_other_tab_end_the_job_in_words(self, session, login, manager):
        client = login(manager)
        key = started(session, client)
        old = made(session, client, key, runs=False)
        client.post(f"/imports/columns/{key}", data={**COLUMNS, "column-3": ""})
        job = work(session, old)
        assert (job.status, job.error) == (
            JobStatus.FAILED,
            "ستون‌های این فایل تغییر کرده است؛ پیش‌نمایش آن را دوباره باز کنید.",
        )
        assert 'hx-trigger="load' in shown(client, key).partition('id="record"')[2]

    def test_columns_changed_while_the_file_is_read_get_no_answers_of_the_old_ones(
        self, session, login, manager, monkeypatch
    ):
        client = login(manager)
        key = started(session, client, AMBIGUOUS)
        queued = made(session, client, key, runs=False)

        def read_and_change(imported):
            imported.mapping = {"mobile": 0, "product": 1}
            db.session.flush()
            return {"dates": {"sample": "05/06/2026", "options": ["gregorian-dmy"], "decided": None}}

        monkeypatch.setattr("views.sales.imports.steps.ambiguous_columns", read_and_change)
        assert work(session, queued).status is JobStatus.FAILED
        assert "found" not in session.get_one(ImportJob, key).reading


class TestEnd:
    def test_a_stopped_job_makes_nothing_and_says_so(self, session, login, manager):
        client = login(manager)
        key = started(session, client)
        queued = made(session, client, key, runs=False)
        client.post(f"/exports/{queued.id}/cancel")
        job = work(session, queued)
        assert (job.status, job.stored_name) == (JobStatus.CANCELLED, None)
        text = shown(client, key)
        assert "پیش‌نمایش پیش از آماده شدن متوقف شد." in text
        assert 'hx-trigger="load' not in text.partition('id="record"')[2]
        assert made(session, client, key, token="b").status is JobStatus.DONE

    def test_it_stops_between_two_parts_of_the_file(self, session, login, manager, monkeypatch):
        monkeypatch.setattr("app.services.imports.preview._CHUNK", 1)
        client = login(manager)
        queued = made(session, client, started(session, client), runs=False)
        key, counts = queued.id, []

        def then_stop(job, mapping):
            for each in preview_steps(job, mapping):
                counts.append(each.outcomes.total())
                db.session.get_one(ExportJob, key).cancel_asked = True
                db.session.flush()
                yield each

        monkeypatch.setattr("views.sales.imports.steps.preview_steps", then_stop)
        assert work(session, queued).status is JobStatus.CANCELLED
        assert counts == [1]

    def test_a_file_that_can_not_be_read_fails_in_words(self, session, login, manager, monkeypatch):
        client = login(manager)
        key = started(session, client)
        monkeypatch.setattr("app.gateways.storage.limited._CHILD", "no.such.module")
        job = made(session, client, key)
        assert job.status is JobStatus.FAILED
        assert "خواندن این فایل" in job.error
        assert job.error in shown(client, key)

    def test_a_file_whose_reading_ends_midway_fails_in_words(self, session, login, manager, monkeypatch):
        client = login(manager)
        key = started(session, client)

        def broken(_job, _mapping):
            raise UnreadableFile(TableReason.LIMITS)
            yield

        monkeypatch.setattr("views.sales.imports.steps.preview_steps", broken)
        job = made(session, client, key)
        assert job.status is JobStatus.FAILED
        assert job.error in shown(client, key)

    def test_an_error_fails_in_words(self, session, login, manager, monkeypatch):
        client = login(manager)
        key = started(session, client)
        monkeypatch.setattr("views.sales.imports.steps.preview_steps", lambda *_given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            made(session, client, key)
        assert session.query(ExportJob).one().status is JobStatus.FAILED
        assert "خطای داخلی" in shown(client, key)

    def test_the_job_of_a_lost_worker_is_made_by_the_next(self, session, login, manager, monkeypatch):
        client = login(manager)
        key = started(session, client)
        job = made(session, client, key, runs=False)
        job.status, job.lease_until = JobStatus.RUNNING, now() + LEASE
        session.commit()
        sent = []
        monkeypatch.setattr(run_export, "delay", lambda *ids: sent.append(ids))
        sweep_exports()
        assert sent == []
        job.lease_until = now() - timedelta(seconds=1)
        session.commit()
        sweep_exports()
        assert sent == [(job.id, job.organization_id)]
        assert work(session, job).status is JobStatus.DONE
        assert MAKING not in shown(client, key)

    def test_after_some_minutes_it_is_made_anew(self, session, login, manager):
        client = login(manager)
        key = started(session, client)
        made(session, client, key)
        start_at(now() + PAGE_AVAILABLE_FOR)
        assert MAKING in shown(client, key)
