"""What a manager decides for his organisation, and for no other."""

import re
from datetime import time

import pytest

from models.audit.event import AuditEvent
from models.organization import Organization
from tests.factories import member
from tests.support.pages import untouched

FORM = {
    "name": "آموزشگاه نو",
    "currency": "rial",
    "repeat_policy": "sticky",
    "repeat_window_days": "۴۵",
    "sale_ends_repeat": "y",
    "sending_from": "۹:۳۰",
    "sending_until": "20:00",
    "working_days": ["saturday", "wednesday"],
    "works_from": "۸",
    "works_until": "۱۶:۳۰",
    "mask_mobiles": "y",
}
URL = "/settings/organization/"


def ticked(page):
    boxes = re.findall(r'name="working_days" value="(\w+)"( checked)?', page)
    assert len(boxes) == 7
    return [value for value, is_ticked in boxes if is_ticked]


def test_it_is_read_as_people_write_it(session, login, manager, organization):
    assert login(manager).post(URL, data=FORM).status_code == 302
    session.refresh(organization)

    assert (organization.sending_from, organization.sending_until) == (time(9, 30), time(20))
    assert organization.working_days == ["saturday", "wednesday"]
    assert (organization.works_from, organization.works_until) == (time(8), time(16, 30))
    assert not organization.sends_on_free_days
    assert (organization.repeat_window_days, organization.mask_mobiles) == (45, True)
    assert organization.sale_ends_repeat
    page = login(manager).get(URL).text
    assert "۰۹:۳۰" in page
    assert ticked(page) == ["saturday", "wednesday"]


def test_a_purchase_may_end_no_repeat(session, login, manager, organization):
    form = {name: value for name, value in FORM.items() if name != "sale_ends_repeat"}
    assert login(manager).post(URL, data=form).status_code == 302

    session.refresh(organization)
    assert not organization.sale_ends_repeat


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sending_from", "25:00"),
        ("sending_from", "8:5"),
        ("sending_until", "شب"),
        ("working_days", []),
        ("working_days", ["caturday"]),
        ("works_from", "24:00"),
        ("works_until", ""),
        ("works_until", "8:00"),
        ("repeat_window_days", "0"),
        ("repeat_window_days", "-3"),
        ("name", " "),
        ("currency", "dollar"),
    ],
)
def test_what_can_not_be_read_is_told_at_its_field_and_nothing_is_kept(
    session, login, manager, organization, name, value
):
    before = organization.name

    answer = login(manager).post(URL, data=FORM | {name: value})

    assert answer.status_code == 422
    assert f'id="{name}-error"' in answer.text
    session.refresh(organization)
    assert organization.name == before


class TestTwoManagers:
    @pytest.fixture
    def answer(self, session, login, manager, organization):
        """What the second of two is told, who changed the name and left the rest as it was loaded."""
        browser = login(manager)
        browser.post(URL, data=FORM)
        first = untouched(browser.get(URL).text)
        browser.post(URL, data=FORM | first | {"working_days": ["sunday"], "works_from": "۱۰"})
        return browser.post(URL, data=FORM | first | {"name": "دیگری"})

    def test_the_second_is_told_and_changes_nothing(self, session, organization, answer):
        assert answer.status_code == 409
        session.refresh(organization)
        assert organization.name == FORM["name"]

    def test_he_is_shown_both_values(self, answer):
        both = re.findall(r'<bdi class="conflict-value"[^>]*>([^<]*)</bdi>', answer.text)

        assert both == ["دیگری", FORM["name"], "شنبه، چهارشنبه", "یکشنبه", "۰۸:۰۰", "۱۰:۰۰"]

    def test_what_he_left_alone_stays_as_the_first_saved_it(
        self, session, login, stranger_organization, manager, organization, answer
    ):
        before, keys = stranger_organization.name, (organization.id, stranger_organization.id)

        assert login(manager).post(URL, data=untouched(answer.text)).status_code == 302

        here, abroad = (session.get(Organization, key, populate_existing=True) for key in keys)
        assert (here.name, here.working_days) == ("دیگری", ["sunday"])
        assert (here.works_from, here.mask_mobiles) == (time(10), True)
        assert abroad.name == before

    def test_a_third_change_is_told_again(self, session, login, manager, organization, answer):
        login(manager).post(URL, data=FORM | {"name": "سومی"})

        assert login(manager).post(URL, data=untouched(answer.text)).status_code == 409
        session.refresh(organization)
        assert organization.name == "سومی"


def test_it_is_told_in_the_trail(session, login, manager, organization):
    login(manager).post(URL, data=FORM)

    assert session.query(AuditEvent).filter_by(action="edit").count() == 1


@pytest.mark.parametrize("role", ["Consultant", "SupportAgent", "Operator"])
def test_nobody_else_may(session, login, organization, manager, role):
    person = member(role, None if role == "Operator" else organization, f"other-{role}")
    browser = login(person)

    assert browser.get(URL).status_code == 403
    assert browser.post(URL, data=FORM).status_code == 403


def test_a_stranger_reaches_his_own_alone(session, app, login, manager, organization, stranger_organization):
    before, keys = organization.name, (organization.id, stranger_organization.id)
    stranger = member("Manager", stranger_organization)

    assert login(stranger).post(URL, data=FORM | {"id": keys[0]}).status_code == 302
    assert login(stranger).get(f"{URL}{keys[0]}").status_code == 404

    names = [session.get(Organization, key, populate_existing=True).name for key in keys]
    assert names == [before, FORM["name"]]
    assert app.test_client().get(URL).status_code == 302


def test_an_admin_first_chooses_where_he_acts(session, login, manager, organization):
    browser = login(member("Admin", None))

    assert "سازمان را انتخاب کنید" in browser.get(URL).text
    browser.post(f"/organizations/enter/{organization.id}")
    assert browser.post(URL, data=FORM).status_code == 302
