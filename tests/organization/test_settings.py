"""What a manager decides for his organisation, and for no other."""

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
    "sending_from": "۹:۳۰",
    "sending_until": "20:00",
    "holidays": "جمعه\n۱۴۰۶/۰۱/۰۱",
    "mask_mobiles": "y",
}
URL = "/settings/organization/"


def test_it_is_read_as_people_write_it(session, login, manager, organization):
    assert login(manager).post(URL, data=FORM).status_code == 302
    session.refresh(organization)

    assert (organization.sending_from, organization.sending_until) == (time(9, 30), time(20))
    assert organization.holidays == ["friday", "2027-03-21"]
    assert (organization.repeat_window_days, organization.mask_mobiles) == (45, True)
    page = login(manager).get(URL).text
    assert "جمعه\n۱۴۰۶/۰۱/۰۱" in page
    assert "۰۹:۳۰" in page


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sending_from", "25:00"),
        ("sending_from", "8:5"),
        ("sending_until", "شب"),
        ("holidays", "فردا"),
        ("holidays", "1404/12/30"),
        ("holidays", "2026-01-01"),
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


def test_the_second_of_two_is_told(session, login, manager, organization):
    browser = login(manager)
    first = untouched(browser.get(URL).text)
    browser.post(URL, data=FORM | first)

    answer = browser.post(URL, data=FORM | first | {"name": "دیگری"})

    assert answer.status_code == 409
    session.refresh(organization)
    assert organization.name == FORM["name"]


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
