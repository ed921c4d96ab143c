"""Reports over long ranges: a job makes the page for the member who asked, with their rights, for some minutes."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.extensions import db
from app.gateways.storage import StoreUnavailable
from app.lib.clock import now, start_at
from app.services.assignment.assign import assign
from app.services.report.numbers import read_numbers
from app.tasks.export import PAGE_AVAILABLE_FOR, run_export, sweep_exports
from models.job import ExportJob, JobStatus
from tests.factories import OrderFactory, member
from tests.report.test_figures import TODAY

PAGE = "/reports/overall/"
RANGE = "from=1404/02/15&to=1404/03/04"
QUERY = "from=1404%2F02%2F15&to=1404%2F03%2F04"
MAKING = 'class="sheet report-making"'


@pytest.fixture
def numbers(session, manager, consultant, colleague):
    """Two numbers of the consultant and four of their colleague, more than are read at once."""
    start_at(TODAY.whole.start + timedelta(hours=9))
    for place in range(6):
        assign(OrderFactory(), colleague if place % 3 else consultant, by=manager)
    session.commit()


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr("app.panel.report.long.MOST_AT_ONCE", 1)


@pytest.fixture
def made(session):
    """Asks for the page and runs its job; returns the job."""

    def ask(client, *, runs=True, token="a"):
        answer = client.post(f"{PAGE}make", data={"_query": RANGE, "_token": token})
        assert answer.status_code == 302
        job = session.query(ExportJob).order_by(ExportJob.id.desc()).first()
        key, organization_id = job.id, job.organization_id
        session.commit()
        if runs:
            run_export(key, organization_id)
        return session.get(ExportJob, key)

    return ask


def shown(client):
    return client.get(f"{PAGE}?{RANGE}").text


def number_of(text):
    found = re.search(r"<p>از (\S+) شماره", text)
    return found and found[1]


class TestMaking:
    def test_the_page_answers_without_figures_and_the_job_makes_them(self, login, manager, numbers, made):
        client = login(manager)
        before = shown(client)
        assert MAKING in before
        assert number_of(before) is None
        job = made(client)
        assert (job.status, job.query, job.done) == (JobStatus.DONE, QUERY, 6)
        text = shown(client)
        assert MAKING not in text
        assert number_of(text) == "۶"

    def test_it_shows_what_a_page_without_a_job_shows(self, login, manager, numbers, made, monkeypatch):
        client = login(manager)
        made(client)
        stored = shown(client)
        monkeypatch.setattr("app.panel.report.long.MOST_AT_ONCE", 100)
        at_once = shown(client)
        cells = [re.findall(r"<(?:td|th)[^>]*>.*?</(?:td|th)>", text) for text in (stored, at_once)]
        assert cells[0] == cells[1]
        assert len(cells[0]) > 50

    def test_a_short_range_is_answered_at_once(self, session, login, manager, numbers):
        client = login(manager)
        assert MAKING not in client.get(f"{PAGE}?from=1390/01/01&to=1390/01/05").text
        answer = client.post(f"{PAGE}make", data={"_query": "from=1390/01/01&to=1390/01/05", "_token": "a"})
        assert answer.status_code == 302
        assert session.query(ExportJob).count() == 0

    @pytest.mark.parametrize("query", ["from=x&to=y", "from=1404/03/04&to=1404/02/15"])
    def test_an_unreadable_range_makes_nothing(self, session, login, manager, numbers, query):
        assert login(manager).post(f"{PAGE}make", data={"_query": query}).status_code == 302
        assert session.query(ExportJob).count() == 0

    def test_while_it_works_a_second_request_makes_no_second_job(
        self, session, login, manager, numbers, made
    ):
        client = login(manager)
        first = made(client, runs=False)
        text = shown(client)
        assert f'hx-get="/exports/{first.id}/progress"' in text
        assert made(client, runs=False, token="b").id == first.id

    def test_a_report_without_a_size_has_no_such_route(self, login, manager):
        assert login(manager).post("/reports/final-sales/make", data={"_query": RANGE}).status_code == 404


class TestRights:
    def test_a_consultant_gets_their_own_figures(self, login, consultant, numbers, made):
        client = login(consultant)
        made(client)
        assert number_of(shown(client)) == "۲"

    def test_another_member_does_not_see_it(self, login, organization, manager, numbers, made):
        other = login(member("Manager", organization, "another manager"))
        job = made(login(manager))
        assert MAKING in shown(other)
        assert other.get(f"/exports/{job.id}").status_code == 404
        assert other.post(f"/exports/{job.id}/cancel").status_code == 404

    def test_a_stranger_sees_nothing_of_it(self, login, stranger_organization, manager, numbers, made):
        client = login(member("Manager", stranger_organization))
        job = made(login(manager))
        assert "در این بازه شماره‌ای انتساب نشده است." in shown(client)
        assert client.get(f"/exports/{job.id}").status_code == 404

    @pytest.mark.parametrize("role", ["SupportAgent", "Operator"])
    def test_others_may_not(self, login, organization, numbers, role):
        client = login(member(role, None if role == "Operator" else organization))
        assert client.post(f"{PAGE}make", data={"_query": RANGE}).status_code == 403

    def test_it_is_no_file_and_no_export(self, login, manager, numbers, made):
        client = login(manager)
        job = made(client)
        assert client.get(f"/exports/{job.id}/file").status_code == 404
        assert "page" not in re.findall(
            r'name="format" value="(\w+)"', client.get(f"{PAGE}export?{RANGE}").text
        )
        refused = client.post(f"{PAGE}export", data={"_query": RANGE, "format": "page", "_step": "run"})
        assert refused.status_code == 422

    def test_who_lost_the_right_gets_a_failure_in_words(self, session, login, manager, numbers, made):
        job = made(login(manager), runs=False)
        key, organization_id = job.id, job.organization_id
        session.refresh(manager)
        manager.roles = []
        session.commit()
        run_export(key, organization_id)
        job = session.get(ExportJob, key)
        assert (job.status, job.error) == (JobStatus.FAILED, "اجازهٔ این کار گرفته شده است.")
        assert job.stored_name is None

    def test_a_page_with_all_figures_is_not_shown_to_who_reads_their_own_now(
        self, session, login, consultant, numbers, made
    ):
        client = login(consultant)
        job = made(client)
        job.columns = []
        session.commit()
        assert MAKING in shown(client)


class TestFile:
    def test_it_is_offered_without_reading_and_written_by_the_job(
        self, session, login, manager, numbers, monkeypatch
    ):
        client = login(manager)
        with monkeypatch.context() as unread:
            unread.setattr("views.reports.overall.figures.read_numbers", lambda *_given: 1 / 0)
            assert "جدول گزارش با این ستون‌ها:" in client.get(f"{PAGE}export?{RANGE}").text
            answer = client.post(f"{PAGE}export", data={"_query": RANGE, "format": "csv", "_step": "run"})
            assert answer.status_code == 302
        job = session.query(ExportJob).one()
        key, organization_id = job.id, job.organization_id
        session.commit()
        run_export(key, organization_id)
        file = client.get(f"/exports/{key}/file")
        lines = file.get_data().decode("utf-8-sig").splitlines()
        file.close()
        assert [line.split(",")[1] for line in lines[1:]] == ["4", "2", "6"]
        assert session.get(ExportJob, key).total == 3

    def test_a_consultant_may_not(self, login, consultant, numbers):
        assert login(consultant).get(f"{PAGE}export?{RANGE}").status_code == 403


class TestEnd:
    def test_a_stopped_job_makes_nothing_and_says_so(self, session, login, manager, numbers, made):
        client = login(manager)
        job = made(client, runs=False)
        key, organization_id = job.id, job.organization_id
        client.post(f"/exports/{key}/cancel")
        run_export(key, organization_id)
        job = session.get(ExportJob, key)
        assert (job.status, job.stored_name) == (JobStatus.CANCELLED, None)
        text = shown(client)
        assert "گزارش پیش از آماده شدن متوقف شد." in text
        assert 'hx-trigger="load' not in text.partition(MAKING)[2]

    @pytest.mark.parametrize("stopped_after", [1, None])
    def test_a_job_can_be_stopped_while_it_reads(
        self, session, login, manager, numbers, made, monkeypatch, stopped_after
    ):
        client, reads, progress = login(manager), [], []
        job = made(client, runs=False)
        key, organization_id = job.id, job.organization_id

        def read(*given):
            found = read_numbers(*given)
            reads.append(len(found))
            # The job has a session of its own.
            progress.append(db.session.scalar(select(ExportJob.done).where(ExportJob.id == key)))
            if len(reads) == stopped_after:
                db.session.execute(update(ExportJob).where(ExportJob.id == key).values(cancel_asked=True))
            return found

        monkeypatch.setattr("views.reports.overall.figures.STEP", 1)
        monkeypatch.setattr("views.reports.overall.figures.read_numbers", read)
        run_export(key, organization_id)
        job = session.get(ExportJob, key)
        if stopped_after:
            assert (job.status, job.stored_name, len(reads)) == (JobStatus.CANCELLED, None, 1)
        else:
            assert (job.status, sorted(reads), progress) == (JobStatus.DONE, [2, 4], [0, reads[0]])
            assert number_of(shown(client)) == "۶"

    def test_an_error_fails_in_words(self, session, login, manager, numbers, made, monkeypatch):
        client = login(manager)
        job = made(client, runs=False)
        key, organization_id = job.id, job.organization_id
        monkeypatch.setattr("views.reports.overall.figures.read_numbers", lambda *_given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_export(key, organization_id)
        assert session.get(ExportJob, key).status is JobStatus.FAILED
        assert "خطای داخلی" in shown(client)

    @pytest.mark.parametrize("error", [FileNotFoundError, StoreUnavailable])
    def test_without_its_stored_figures_it_is_made_anew(
        self, login, manager, numbers, made, monkeypatch, error
    ):
        client = login(manager)
        made(client)

        def refuse(*_given):
            raise error

        monkeypatch.setattr("app.gateways.storage.local.LocalStorage.open", refuse)
        answer = client.get(f"{PAGE}?{RANGE}")
        assert answer.status_code == 200
        assert MAKING in answer.text

    def test_after_some_minutes_it_is_made_anew(self, session, login, manager, numbers, made):
        client = login(manager)
        key = made(client).id
        assert MAKING not in shown(client)
        start_at(now() + PAGE_AVAILABLE_FOR)
        assert MAKING in shown(client)
        session.commit()
        assert sweep_exports() == 1
        assert session.get(ExportJob, key).stored_name is None
