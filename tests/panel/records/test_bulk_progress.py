"""The page of a bulk job, and undoing what it did."""

import re
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.lib.clock import now
from models.assignment import Assignment
from models.follow_up import FollowUp
from models.job import BulkFailure, JobStatus
from models.tenancy.scope import Actor, bind
from tests.factories import FollowUpFactory, member
from tests.panel.records.bulk_steps import HTMX, job_of, living, send, work

pytestmark = pytest.mark.usefixtures("colleagues_rows")


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
