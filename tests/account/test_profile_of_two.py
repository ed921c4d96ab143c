"""A member and their manager who change the same account."""

import re

import pytest

from tests.factories import member
from tests.organization.test_member import details
from tests.support.pages import untouched


@pytest.fixture
def sara(manager, organization):
    return member("Consultant", organization, "sara", mobile="09121234567")


@pytest.fixture
def profile(sara):
    return {"first_name": "سارا", "last_name": "محمدی", "email": sara.email, "mobile": "09121234567"}


def shown(answer):
    return re.findall(r'<bdi class="conflict-value"[^>]*>([^<]*)</bdi>', answer.text)


class TestTheManager:
    @pytest.fixture
    def opened(self, login, manager, sara):
        """The form of the manager, as it was before the member changed something."""
        page = login(manager).get(f"/members/edit/{sara.id}").text
        return details(email=sara.email, mobile="09121234567") | untouched(page)

    def test_takes_no_new_mobile_back(self, session, login, manager, sara, profile, opened):
        login(sara).post("/account/", data=profile | {"mobile": "09351112233"})

        answer = login(manager).post(f"/members/edit/{sara.id}", data=opened)

        session.refresh(sara)
        assert answer.status_code == 409
        assert sara.mobile == "+989351112233"

    def test_makes_nobody_present_who_went_away(self, session, login, manager, sara, opened):
        login(sara).post("/account/presence", data={"present": "0"})

        answer = login(manager).post(f"/members/edit/{sara.id}", data=opened)

        session.refresh(sara)
        assert answer.status_code == 409
        assert sara.accepts_orders is False

    def test_is_not_disturbed_by_others(self, session, login, manager, organization, sara, opened):
        other = member("Consultant", organization, "other")
        login(other).post("/account/presence", data={"present": "0"})
        login(sara).post("/account/presence", data={"present": "1"})

        assert login(manager).post(f"/members/edit/{sara.id}", data=opened).status_code == 302


class TestTheMember:
    @pytest.fixture
    def answer(self, login, manager, sara, profile):
        """What the member is told, whose page is older than the change of the manager."""
        opened = untouched(login(sara).get("/account/").text)
        changed = details(first_name="سارا", last_name="محمدی", email="new@example.ir", mobile="09121234567")
        login(manager).post(f"/members/edit/{sara.id}", data=changed)
        return login(sara).post("/account/", data=profile | opened | {"mobile": "09351112233"})

    def test_is_shown_both_values(self, session, sara, answer):
        session.refresh(sara)
        assert answer.status_code == 409
        assert {"sara@example.ir", "new@example.ir"} <= set(shown(answer))
        assert (sara.email, sara.mobile) == ("new@example.ir", "+989121234567")

    def test_keeps_what_the_manager_changed(self, session, login, sara, answer):
        assert login(sara).post("/account/", data=untouched(answer.text)).status_code == 302

        session.refresh(sara)
        assert (sara.email, sara.mobile) == ("new@example.ir", "+989351112233")
