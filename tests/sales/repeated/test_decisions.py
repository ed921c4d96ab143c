"""The decisions of managers on repeated orders: what each does, and when it is refused."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from models.assignment import Assignment, AssignmentMethod
from models.audit.event import AuditEvent
from models.follow_up import FollowUp
from models.member import Member
from models.tenancy.scope import Actor, bind
from tests.factories import ProductFactory
from tests.panel.records.bulk_steps import work
from tests.sales.repeated.steps import ATTACHED, BACK, BASE, HELD, HTMX, RELEASED, decide, toast
from tests.support.orders import place


class TestADecision:
    def test_attaches_without_a_follow_up_of_its_own(self, session, login, manager, pair, state):
        answer = decide(login(manager), "attach", pair[1])

        assert toast(answer)["text"] == "۱ سفارش پیوست شد."
        assert state(pair[1]) == ATTACHED
        assert session.scalars(select(FollowUp.order_id).where(FollowUp.order_id.in_(pair))).all() == [
            pair[0]
        ]

    def test_attached_stands_on_the_timeline_of_the_first_follow_up(
        self, session, login, manager, consultant, colleague, pair
    ):
        browser = login(manager)
        key = session.scalars(select(FollowUp.id).where(FollowUp.order_id == pair[0])).one()
        link = f"/orders/show/{pair[1]}"
        assert link not in login(consultant).get(f"/follow-ups/show/{key}").text

        decide(browser, "attach", pair[1])

        assert link in login(consultant).get(f"/follow-ups/show/{key}").text
        assert link in browser.get(f"/orders/show/{pair[0]}").text
        assert login(consultant).get(link).status_code == 200
        assert login(colleague).get(link).status_code == 404

    def test_goes_back_to_the_same_consultant(self, session, login, manager, consultant, pair, state):
        decide(login(manager), "same_consultant", pair[1])

        assert state(pair[1]) == BACK
        line = session.scalars(select(Assignment).where(Assignment.order_id == pair[1])).one()
        assert (line.to_member_id, line.method) == (consultant.id, AssignmentMethod.STICKY)
        assert session.scalars(select(FollowUp.consultant_id).where(FollowUp.order_id == pair[1])).all() == [
            consultant.id
        ]

    def test_is_no_repeat_and_waits_in_the_tray(self, login, manager, pair, state):
        browser = login(manager)

        decide(browser, "not_repeat", pair[1])

        assert state(pair[1]) == RELEASED
        assert f'data-pk="{pair[1]}"' in browser.get("/orders/?tab=waiting").text
        assert f'data-pk="{pair[1]}"' in browser.get(f"{BASE}?tab=not_repeat").text
        assert f'data-pk="{pair[1]}"' not in browser.get(BASE).text

    def test_of_several_says_which_can_not_and_why(self, login, manager, pair, alone, state):
        browser = login(manager)
        asked = browser.post(
            f"{BASE}action_post",
            data={"action": "attach", "rowid": [str(pair[1]), str(alone[1])]},
            headers=HTMX,
        ).text
        answer = decide(browser, "attach", pair[1], alone[1])

        assert "پیوستن" in asked
        assert "سفارش اصلی پیگیری باز ندارد." in asked
        assert "پیوست شد" in toast(answer)["text"]
        assert "سفارش اصلی پیگیری باز ندارد." in toast(answer)["text"]
        assert (state(pair[1]), state(alone[1])) == (ATTACHED, HELD)

    def test_that_no_row_allows_is_refused_before_and_after_the_question(self, login, manager, alone, state):
        browser = login(manager)
        asked = browser.post(f"{BASE}action/attach/{alone[1]}", headers=HTMX)
        answer = decide(browser, "attach", alone[1])

        for each in (asked, answer):
            assert "سفارش اصلی پیگیری باز ندارد." in toast(each)["text"]
            assert toast(each)["level"] == "danger"
        assert state(alone[1]) == HELD

    def test_can_not_be_taken_twice(self, login, manager, pair, state):
        browser = login(manager)
        decide(browser, "not_repeat", pair[1])

        answer = decide(browser, "attach", pair[1])

        assert "منتظر تصمیم نیست" in toast(answer)["text"]
        assert state(pair[1]) == RELEASED

    def test_with_the_order_of_another_organisation_does_nothing(
        self, session, organization, login, manager, pair, state, stranger_organization
    ):
        session.add_all([organization, manager])
        browser = login(manager)
        bind(session, Actor(stranger_organization.id))
        other = ProductFactory()
        _first, theirs = place(other, day=-1), place(other)
        session.commit()

        assert decide(browser, "not_repeat", pair[1], theirs.id).status_code == 404
        assert state(pair[1]) == HELD

    @pytest.mark.parametrize("lost", ["inactive", "invited"])
    def test_gives_nothing_to_a_consultant_who_can_not_work(
        self, session, login, manager, consultant, pair, state, lost
    ):
        person = session.get(Member, consultant.id)
        if lost == "inactive":
            person.active = False
        else:
            person.last_login = None
        session.commit()

        answer = decide(login(manager), "same_consultant", pair[1])

        assert "نمی‌توان کار داد" in toast(answer)["text"]
        assert state(pair[1]) == HELD

    def test_is_in_the_trail(self, session, login, manager, pair):
        decide(login(manager), "attach", pair[1])

        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert (event.action, event.object_id) == ("attach", pair[1])


def test_a_job_names_the_orders_that_it_left(
    session, organization, login, manager, pair, alone, state, monkeypatch
):
    monkeypatch.setattr("app.panel.bulk.routes.MOST_AT_ONCE", 1)
    browser = login(manager)
    query = {"action": "attach", "_step": "run", "_all": "1", "_query": "tab=held"}
    answer = browser.post(f"{BASE}action_post", data=query, headers=HTMX)
    assert answer.status_code == 200

    job = work(session, organization)

    assert (job.done, job.failed) == (2, 1)
    assert (state(pair[1]), state(alone[1])) == (ATTACHED, HELD)


@pytest.mark.parametrize("name", ["attach", "same_consultant", "not_repeat"])
def test_the_question_about_several_counts_in_persian_digits(session, login, manager, product, pair, name):
    more = place(product)
    session.commit()

    data = {"action": name, "rowid": [str(pair[1]), str(more.id)]}
    answer = login(manager).post(f"{BASE}action_post", data=data, headers=HTMX)

    heading = re.search(r"<h\d[^>]*>\s*([^<]*سفارش[^<]*)<", answer.text)[1]
    assert heading.startswith("۲ سفارش")
