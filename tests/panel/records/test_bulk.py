"""Acts on all rows that match: what is meant, what is asked, what the background does, and how it comes back."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from flask import current_app
from flask_babel import lazy_gettext
from sqlalchemy import func, select
from werkzeug.security import generate_password_hash

from app.errors import DomainError
from app.extensions import appbuilder
from app.lib.clock import now
from app.panel.action import Done
from app.panel.bulk import selection as bulk
from app.tasks.bulk import run_bulk_job, sweep
from models.assignment import Assignment
from models.audit.event import AuditEvent
from models.follow_up import FollowUp
from models.job import BulkFailure, BulkJob, JobStatus
from models.product import Product
from models.tenancy.scope import Actor, bind
from tests.factories import PASSWORD, FollowUpFactory, ProductFactory, member
from views.organization.product import Products

pytestmark = pytest.mark.usefixtures("colleagues_rows")

HTMX = {"HX-Request": "true"}


@pytest.fixture
def products(session, manager) -> list[int]:
    """Six products, of which four are called «زبان»."""
    titles = ["زبان ۱", "زبان ۲", "زبان ۳", "زبان ۴", "ریاضی", "فیزیک"]
    keys = [ProductFactory(title=title).id for title in titles]
    session.commit()
    return keys


@pytest.fixture
def small(monkeypatch):
    """Numbers small enough for a test: a job from three rows on, chunks of two."""
    monkeypatch.setattr("app.panel.bulk.routes.MOST_AT_ONCE", 2)
    monkeypatch.setattr("app.panel.bulk.job.CHUNK", 2)


def living(session, organization) -> set[str]:
    bind(session, Actor(organization.id))
    return set(session.scalars(select(Product.title)))


def send(browser, section="products", query="q=زبان", **fields):
    data = {"action": "remove", "_all": "1", "_query": query, "_step": "run"} | fields
    return browser.post(f"/{section}/action_post", data=data)


def job_of(session, organization) -> BulkJob:
    bind(session, Actor(organization.id))
    newest = select(BulkJob).order_by(BulkJob.id.desc()).limit(1)
    return session.scalars(newest, execution_options={"populate_existing": True}).one()


def work(session, organization) -> BulkJob:
    """The worker's part of the newest job."""
    job = job_of(session, organization)
    key = job.id
    session.commit()
    with current_app.app_context():  # a session of its own, as a worker has
        run_bulk_job(key, organization.id)
    bind(session, Actor(organization.id))
    return session.get_one(BulkJob, key, populate_existing=True)


def _replace_remove(monkeypatch, run) -> None:
    section = next(view for view in appbuilder.baseviews if isinstance(view, Products))
    declared = section.declared_actions
    monkeypatch.setitem(declared, "remove", replace(declared["remove"], run=run))


def _die_in_the_second_chunk(monkeypatch, error, seen) -> None:
    """Once; the chunks that were done are noted in *seen*."""
    turns = iter([None, error])

    def remove(section, rows, form):
        keys = [row.id for row in rows]
        if problem := next(turns, None):
            raise problem
        done = Products.delete_rows(section, rows, form)
        seen.append(keys)
        return done

    _replace_remove(monkeypatch, remove)


class TestWhatIsMeant:
    def test_the_list_tells_how_many_match_and_by_which_words(self, login, manager, products):
        page = login(manager).get("/products/?q=زبان").text

        field = re.search(r'<input[^>]*name="_query"[^>]*>', page)[0]
        assert 'data-matching="4"' in field
        assert urlencode({"q": "زبان"}) in field

    def test_the_question_names_the_number_of_all_that_match(self, login, manager, products):
        answer = send(login(manager), _step="")

        assert "۴" in answer.text
        assert 'name="_query"' in answer.text

    def test_only_rows_that_match_go(self, session, login, manager, organization, products):
        send(login(manager))

        assert living(session, organization) & {"زبان ۱", "زبان ۴", "ریاضی", "فیزیک"} == {"ریاضی", "فیزیک"}

    def test_rows_that_came_after_the_question_stay(self, session, login, manager, organization, products):
        late = ProductFactory(title="زبان نو").id
        session.commit()

        send(login(manager), _most=str(late - 1))

        assert "زبان نو" in living(session, organization)

    def test_a_consultant_means_his_own_rows_alone(self, session, login, consultant, colleague):
        mine, theirs = (
            FollowUpFactory(consultant_id=consultant.id).id,
            FollowUpFactory(consultant_id=colleague.id).id,
        )
        session.commit()
        before = set(session.scalars(select(FollowUp.id)))

        send(login(consultant), "follow-ups", "tab=all")

        after = set(session.scalars(select(FollowUp.id)))
        assert before - after == {mine}
        assert theirs in after

    def test_who_may_not_delete_is_refused(self, session, login, consultant, products):
        assert send(login(consultant)).status_code == 403

    def test_nothing_that_matches_is_told(self, login, manager, products):
        answer = login(manager).post(
            "/products/action_post",
            data={"action": "remove", "_all": "1", "_query": "q=هیچ", "_step": "run"},
            headers=HTMX,
        )

        assert answer.status_code == 204

    @pytest.mark.parametrize("query", ["&".join(["a=1"] * 300), "q=" + "a" * 21_000])
    def test_an_address_that_can_t_be_read_means_nothing_at_all(
        self, session, login, manager, organization, products, query
    ):
        before = living(session, organization)

        answer = send(login(manager), query=query)

        assert answer.status_code == 400
        assert living(session, organization) == before

    @pytest.mark.parametrize(
        "query",
        [
            "f_price_from=abc",
            "q=زبان&f_price_to=abc",
            "f_is_active=perhaps",
            "f_created_at=someday",
            "f_code_is=odd",
            "f_colour_of_the_box=red",
        ],
    )
    def test_a_filter_that_can_t_be_read_means_nothing_at_all(
        self, session, login, manager, organization, products, query
    ):
        before = living(session, organization)

        answer = login(manager).post(
            "/products/action_post",
            data={"action": "remove", "_all": "1", "_query": query, "_step": "run"},
            headers=HTMX,
        )

        assert answer.status_code == 204
        assert living(session, organization) == before


class TestTheTypedNumber:
    @pytest.fixture(autouse=True)
    def few(self, monkeypatch):
        monkeypatch.setattr(bulk, "MOST_UNTYPED", 3)

    def test_is_asked_for_above_a_limit(self, login, manager, products):
        assert 'name="typed_count"' in send(login(manager), _step="").text
        assert 'name="typed_count"' not in send(login(manager), query="q=ریاضی", _step="").text

    @pytest.mark.parametrize("typed", ["", "3", "۳", "چهار", "4" * 30])
    def test_that_is_wrong_is_told_at_its_field_and_nothing_is_done(
        self, session, login, manager, organization, products, typed
    ):
        answer = send(login(manager), typed_count=typed)

        assert answer.status_code == 422
        assert 'id="typed-count-error"' in answer.text
        assert "زبان ۱" in living(session, organization)

    @pytest.mark.parametrize("typed", ["4", "۴", "٤", " ۴ "])
    def test_is_taken_in_any_digits(self, session, login, manager, organization, products, typed):
        send(login(manager), typed_count=typed)

        assert "زبان ۱" not in living(session, organization)

    @pytest.mark.parametrize("text", ["1240", "۱٬۲۴۰", "1,240", "١٢٤٠"])
    def test_may_have_marks_between_its_thousands(self, text):
        assert bulk.read_count(text) == 1240

    def test_is_asked_for_again_when_more_rows_match_by_now(
        self, session, login, manager, organization, products
    ):
        answer = send(login(manager), typed_count="3", _count="3")

        assert answer.status_code == 422
        assert "زبان ۱" in living(session, organization)


@pytest.mark.usefixtures("small")
class TestTheJob:
    def test_is_made_of_many_rows_and_does_them_all(self, session, login, manager, organization, products):
        answer = send(login(manager))
        before = job_of(session, organization).status

        job = work(session, organization)

        assert answer.headers["Location"] == f"/jobs/{job.id}"
        assert (before, job.status, job.done, job.failed) == (JobStatus.QUEUED, JobStatus.DONE, 4, 0)
        assert living(session, organization) >= {"ریاضی", "فیزیک"}
        assert "زبان ۱" not in living(session, organization)

    def test_is_one_for_a_form_that_is_sent_twice(self, session, login, manager, organization, products):
        browser, token = login(manager), str(uuid4())

        answers = [send(browser, _token=token) for _ in range(2)]

        assert answers[0].headers["Location"] == answers[1].headers["Location"]
        assert session.scalar(select(func.count(BulkJob.id))) == 1

    def test_keeps_no_password(self, session, login, manager, organization, products):
        manager.password = generate_password_hash(PASSWORD, "pbkdf2:sha256:1")
        session.commit()

        send(login(manager), sudo_password=PASSWORD)

        assert PASSWORD not in str(job_of(session, organization).form)

    def test_that_was_killed_goes_on_where_it_ended(
        self, session, login, manager, organization, products, monkeypatch
    ):
        send(login(manager))
        seen: list[list[int]] = []
        _die_in_the_second_chunk(monkeypatch, KeyboardInterrupt, seen)
        with pytest.raises(KeyboardInterrupt):
            work(session, organization)
        job = job_of(session, organization)
        half = (job.status, job.done)
        job.lease_until = now() - timedelta(minutes=5)
        session.commit()

        done = work(session, organization)

        assert half == (JobStatus.RUNNING, 2)
        assert (done.status, done.done) == (JobStatus.DONE, 4)
        assert sorted(key for keys in seen for key in keys) == sorted(products[:4])

    def test_of_a_worker_that_lives_is_left_to_it(self, session, login, manager, organization, products):
        send(login(manager))
        job = job_of(session, organization)
        job.status, job.lease_until = JobStatus.RUNNING, now() + timedelta(minutes=1)
        session.commit()

        assert work(session, organization).done == 0

    def test_is_found_by_the_sweep_when_nobody_took_it(
        self, session, login, manager, organization, products, monkeypatch
    ):
        send(login(manager))
        job = job_of(session, organization)
        sent = []
        monkeypatch.setattr(run_bulk_job, "delay", lambda *args: sent.append(args))

        sweep()

        assert sent == [(job.id, organization.id)]

    def test_stops_when_it_is_asked_to(self, session, login, manager, organization, products):
        browser = login(manager)
        address = send(browser).headers["Location"]

        browser.post(f"{address}/cancel")

        assert work(session, organization).status is JobStatus.CANCELLED
        assert "زبان ۱" in living(session, organization)

    @pytest.mark.parametrize("loss", ["deactivated", "right"])
    def test_of_who_lost_his_place_or_right_fails_and_says_why(
        self, session, login, manager, organization, products, loss
    ):
        send(login(manager))
        if loss == "deactivated":
            manager.active = False
        else:
            manager.roles = [member("Consultant", organization, "model").roles[0]]
        session.commit()

        job = work(session, organization)

        assert job.status is JobStatus.FAILED
        assert job.error
        assert "زبان ۱" in living(session, organization)

    def test_reaches_a_consultants_own_rows_alone(self, session, login, consultant, colleague, organization):
        mine = [FollowUpFactory(consultant_id=consultant.id).id for _ in range(3)]
        theirs = FollowUpFactory(consultant_id=colleague.id).id
        session.commit()
        send(login(consultant), "follow-ups", "tab=all")
        later = FollowUpFactory(consultant_id=consultant.id).id
        session.commit()
        before = set(session.scalars(select(FollowUp.id)))

        job = work(session, organization)

        bind(session, Actor(organization.id))
        assert job.done == len(mine)
        assert set(session.scalars(select(FollowUp.id))) == before - set(mine)
        assert {theirs, later} < before

    def test_writes_down_what_an_action_refuses_and_does_the_rest(
        self, session, login, manager, organization, products, monkeypatch
    ):
        def remove(section, rows, form):
            if any(row.id == products[1] for row in rows):
                raise DomainError(lazy_gettext("Not this one."))
            for row in rows:
                row.price = 7
            return Done("")

        _replace_remove(monkeypatch, remove)
        browser = login(manager)
        address = send(browser).headers["Location"]

        job = work(session, organization)

        failure = session.scalars(select(BulkFailure)).one()
        assert (job.status, job.done, job.failed) == (JobStatus.DONE, 4, 1)
        assert (failure.row_id, failure.label, failure.reason) == (products[1], "زبان ۲", "Not this one.")
        assert session.scalar(select(func.count(Product.id)).where(Product.price == 7)) == 3
        assert "Not this one." in browser.get(address).text

    def test_that_breaks_says_so_and_keeps_what_was_done(
        self, session, login, manager, organization, products, monkeypatch
    ):
        _die_in_the_second_chunk(monkeypatch, ZeroDivisionError, [])
        send(login(manager))

        with pytest.raises(ZeroDivisionError):
            work(session, organization)

        job = job_of(session, organization)
        assert (job.status, job.done) == (JobStatus.FAILED, 2)
        assert job.error

    def test_is_told_in_the_trail_of_each_row(self, session, login, manager, organization, products):
        send(login(manager))
        work(session, organization)

        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "delete")).all()
        rows = [key for event in events for key in (event.after or {}).get("@rows", [event.object_id])]
        assert sorted(rows) == sorted(products[:4])
        assert {event.actor_id for event in events} == {manager.id}

    def test_counts_a_change_of_each_row(self, session, login, manager, organization, products):
        send(login(manager))
        work(session, organization)

        versions = select(Product.row_version).where(Product.id.in_(products[:4]))
        assert set(session.scalars(versions, execution_options={"with_deleted": True})) == {2}


@pytest.mark.usefixtures("small")
class TestThePage:
    def test_asks_for_itself_again_while_the_job_runs(self, login, manager, products):
        browser = login(manager)
        address = send(browser).headers["Location"]

        assert f'hx-get="{address}/progress"' in browser.get(address).text
        assert f'hx-get="{address}/progress"' in browser.get(f"{address}/progress", headers=HTMX).text

    def test_offers_the_way_back_at_the_end_and_reloads_the_list(
        self, session, login, manager, organization, products
    ):
        browser = login(manager)
        address = send(browser).headers["Location"]
        job = work(session, organization)

        answer = browser.get(f"{address}/progress", headers=HTMX)

        assert f"/products/undo/{job.batch}" in answer.text
        assert "list:reload" in answer.headers["HX-Trigger"]

    @pytest.mark.parametrize("route", ["", "/progress"])
    def test_is_there_for_its_requester_alone(self, session, login, manager, organization, products, route):
        other = member("Manager", organization, "other")
        session.commit()
        address = send(login(manager)).headers["Location"]

        assert login(other).get(address + route).status_code == 404

    def test_nobody_else_stops_it(self, session, login, manager, organization, products):
        other = member("Manager", organization, "other")
        session.commit()
        address = send(login(manager)).headers["Location"]

        assert login(other).post(f"{address}/cancel").status_code == 404
        assert not job_of(session, organization).cancel_asked

    def test_stands_in_the_list_of_ones_own(self, login, manager, consultant, products):
        browser = login(manager)
        address = send(browser).headers["Location"]

        assert address in browser.get("/jobs/").text
        assert address not in login(consultant).get("/jobs/").text


@pytest.mark.usefixtures("small")
class TestTakingBack:
    def test_brings_all_rows_of_a_job(self, session, login, manager, organization, products):
        browser = login(manager)
        send(browser)
        job = work(session, organization)

        browser.post(f"/products/undo/{job.batch}")

        assert "زبان ۴" in living(session, organization)
        assert job_of(session, organization).status is JobStatus.UNDONE

    def test_of_a_job_that_runs_is_refused(self, session, login, manager, organization, products):
        browser = login(manager)
        send(browser)
        job = work(session, organization)
        job.status, job.lease_until = JobStatus.RUNNING, now() + timedelta(minutes=1)
        session.commit()

        browser.post(f"/products/undo/{job.batch}")

        assert "زبان ۱" not in living(session, organization)

    def test_is_too_late_after_ten_minutes(self, session, login, manager, organization, products):
        browser = login(manager)
        send(browser)
        job = work(session, organization)
        job.finished_at = now() - timedelta(minutes=11)
        session.commit()

        browser.post(f"/products/undo/{job.batch}")

        assert "زبان ۱" not in living(session, organization)

    def test_is_for_who_did_it(self, session, login, manager, organization, products):
        other = member("Manager", organization, "other")
        session.commit()
        send(login(manager))
        job = work(session, organization)

        login(other).post(f"/products/undo/{job.batch}")

        assert "زبان ۱" not in living(session, organization)


class TestReassigning:
    @pytest.fixture
    def rows(self, session, consultant, colleague) -> SimpleNamespace:
        """Three of one consultant, one that his colleague has already."""
        theirs = [FollowUpFactory(consultant_id=consultant.id).id for _ in range(3)]
        kept = FollowUpFactory(consultant_id=colleague.id).id
        session.commit()
        return SimpleNamespace(theirs=theirs, kept=kept, all=[*theirs, kept])

    def owners(self, session, organization) -> dict[int, int]:
        bind(session, Actor(organization.id))
        return {key: owner for key, owner in session.execute(select(FollowUp.id, FollowUp.consultant_id))}  # noqa: C416 - rows

    @pytest.mark.usefixtures("small")
    def test_all_that_match_names_those_who_stayed(
        self, session, login, manager, organization, colleague, rows
    ):
        send(login(manager), "follow-ups", "tab=all", action="reassign", member=str(colleague.id))

        job = work(session, organization)

        failure = session.scalars(select(BulkFailure)).one()
        # Three of the consultant, the one that stayed, and two of somebody else.
        assert (job.status, job.done, job.failed) == (JobStatus.DONE, 6, 1)
        assert failure.row_id == rows.kept
        assert set(self.owners(session, organization).values()) == {colleague.id}

    @pytest.mark.usefixtures("small")
    def test_a_job_comes_back_as_new_lines_of_the_ledger(
        self, session, login, manager, organization, consultant, colleague, rows
    ):
        before, browser = self.owners(session, organization), login(manager)
        thirds = next(owner for owner in before.values() if owner not in {consultant.id, colleague.id})
        send(browser, "follow-ups", "tab=all", action="reassign", member=str(colleague.id))
        job = work(session, organization)

        browser.post(job.form["@undo"])

        assert self.owners(session, organization) == before
        assert {before[key] for key in rows.theirs} == {consultant.id}
        lines = session.execute(
            select(Assignment.from_member_id, Assignment.to_member_id).order_by(Assignment.id)
        ).all()
        given = Counter({(consultant.id, colleague.id): 3, (thirds, colleague.id): 2})
        taken_back = Counter({line[::-1]: number for line, number in given.items()})
        assert Counter(tuple(line) for line in lines[:5]) == given
        assert Counter(tuple(line) for line in lines[5:]) == taken_back

    def test_ticked_rows_come_back_too(
        self, session, login, manager, organization, consultant, colleague, rows
    ):
        browser = login(manager)
        data = {"action": "reassign", "_step": "run", "member": colleague.id, "rowid": rows.theirs}
        answer = browser.post("/follow-ups/action_post", data=data, headers=HTMX)
        address = re.search(r'"undo_url": "([^"]+)"', answer.headers["HX-Trigger"])[1]

        browser.post(address)

        assert {self.owners(session, organization)[key] for key in rows.theirs} == {consultant.id}

    def test_what_went_on_since_stays(
        self, session, login, manager, organization, consultant, colleague, rows
    ):
        browser, third = login(manager), member("Consultant", organization, "third")
        session.commit()
        data = {"action": "reassign", "_step": "run", "member": colleague.id, "rowid": rows.theirs}
        answer = browser.post("/follow-ups/action_post", data=data, headers=HTMX)
        address = re.search(r'"undo_url": "([^"]+)"', answer.headers["HX-Trigger"])[1]
        browser.post("/follow-ups/action_post", data=data | {"member": third.id, "rowid": rows.theirs[:1]})

        browser.post(address)

        owners = self.owners(session, organization)
        assert [owners[key] for key in rows.theirs] == [third.id, consultant.id, consultant.id]

    def test_is_taken_back_by_who_may_reassign_and_did_it(
        self, session, login, manager, organization, consultant, colleague, rows
    ):
        other = member("Manager", organization, "other")
        session.commit()
        data = {"action": "reassign", "_step": "run", "member": colleague.id, "rowid": rows.theirs}
        answer = login(manager).post("/follow-ups/action_post", data=data, headers=HTMX)
        address = re.search(r'"undo_url": "([^"]+)"', answer.headers["HX-Trigger"])[1]

        before = self.owners(session, organization)

        codes = [login(person).post(address).status_code for person in (consultant, other)]

        assert codes == [403, 302]
        assert self.owners(session, organization) == before
        assert {before[key] for key in rows.all} == {colleague.id}
