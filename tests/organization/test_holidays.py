"""The holidays of an organisation: the official ones of a Jalali year, and days that a manager adds or deletes."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.lib import clock
from app.lib.jalali import TEHRAN, to_jalali
from app.services.organization import create_organization
from app.services.working_time import MOST_HOLIDAYS, official_holidays, years_without_holidays
from models.audit.event import AuditEvent
from models.organization import Organization
from tests.factories import member

URL = "/settings/holidays/"
DAY = {"day": "۱۴۰۶/۰۲/۱۰", "title": "سالگرد آموزشگاه"}


@pytest.fixture
def in_azar():
    """The clock in آذر ۱۴۰۵."""
    clock.start_at(datetime(2026, 11, 30, 12, tzinfo=TEHRAN))
    yield
    clock.reset()


def days_of(session, organization):
    return days_by_key(session, organization.id)


def days_by_key(session, key):
    return session.get(Organization, key, populate_existing=True).holidays


def test_the_official_holidays_lie_in_the_jalali_year():
    found = official_holidays(1406)

    years = {to_jalali(date.fromisoformat(day)).year for day in found}
    assert years == {1406}
    assert found["2027-03-21"].startswith("جشن نوروز")
    assert "2028-03-19" in found
    assert not any(letter in title for title in found.values() for letter in ";0123456789")


def test_a_new_organisation_has_those_of_this_year_and_the_next(session, in_azar):
    organization = create_organization("with-holidays", "با تعطیلات", {})

    assert years_without_holidays(organization) == []
    assert {"2026-06-25", "2027-03-21"} <= set(organization.holidays)


def test_a_manager_adds_and_deletes_a_day(session, login, manager, organization):
    browser = login(manager)
    assert browser.post(URL, data=DAY).status_code == 302
    assert days_of(session, organization) == {"2027-04-30": "سالگرد آموزشگاه"}
    assert "سالگرد آموزشگاه" in browser.get(URL).text

    browser.post(f"{URL}2027-04-30/delete")
    assert days_of(session, organization) == {}

    browser.post(f"{URL}2027-04-30/restore?title=سالگرد")
    assert days_of(session, organization) == {"2027-04-30": "سالگرد"}
    assert session.scalars(select(AuditEvent.action)).all() == ["edit"] * 3


@pytest.mark.parametrize("day", ["0001-01-01", "1800-01-01", "9999-12-31", "1405-01-01", "x"])
def test_a_day_beyond_all_calendars_is_none(session, login, manager, organization, day):
    browser = login(manager)

    for act in ("restore?title=x", "delete"):
        assert browser.post(f"{URL}{day}/{act}").status_code == 404

    assert days_of(session, organization) == {}
    assert browser.get(URL).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("day", ""),
        ("day", "فردا"),
        ("day", "1404/12/30"),
        ("day", "2027-04-30"),
        ("title", " "),
        ("title", "ط" * 121),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(session, login, manager, organization, field, value):
    answer = login(manager).post(URL, data=DAY | {field: value})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert not days_of(session, organization)


def test_a_day_is_added_once(session, login, manager, organization):
    browser = login(manager)
    browser.post(URL, data=DAY)
    answer = browser.post(URL, data=DAY | {"title": "دیگری"})

    assert answer.status_code == 422
    assert 'id="day-error"' in answer.text
    assert list(days_of(session, organization).values()) == [DAY["title"]]
    # The undo of a deletion does not replace a day that was added since.
    browser.post(f"{URL}2027-04-30/restore?title=دیگری")
    assert list(days_of(session, organization).values()) == [DAY["title"]]


def test_there_is_a_limit(session, login, manager, organization):
    days = (date(1990, 1, 1) + timedelta(days=number) for number in range(MOST_HOLIDAYS))
    organization.holidays = {day.isoformat(): "روز" for day in days}
    session.flush()

    assert login(manager).post(URL, data=DAY).status_code == 422


def test_the_official_days_of_a_year_are_added_once_and_leave_what_is_there(
    session, login, manager, organization, in_azar
):
    browser = login(manager)
    organization.holidays = {"2026-06-25": "روز خودمان"}
    session.flush()
    page = browser.get(URL).text
    assert 'name="year" value="1406"' in page
    assert 'value="1405"' not in page

    browser.post(f"{URL}official", data={"year": "1406"})
    added = dict(days_of(session, organization))
    assert added["2026-06-25"] == "روز خودمان"
    assert set(official_holidays(1406)) < set(added)

    for year in ("1406", "1405", "1300", "x", ""):
        browser.post(f"{URL}official", data={"year": year})
        assert days_of(session, organization) == added


@pytest.mark.parametrize("path", ["2027-04-31/delete", "x/delete", "2027-04-31/restore?title=x"])
def test_an_address_without_a_day_is_not_found(login, manager, path):
    assert login(manager).post(f"{URL}{path}").status_code == 404


@pytest.mark.parametrize("role", ["Consultant", "SupportAgent", "Operator"])
def test_other_roles_may_not(login, organization, manager, role):
    browser = login(member(role, None if role == "Operator" else organization, f"other-{role}"))

    assert browser.get(URL).status_code == 403
    for path in ("", "official", "2027-04-30/delete", "2027-04-30/restore?title=x"):
        assert browser.post(f"{URL}{path}", data=DAY).status_code == 403


def test_a_manager_changes_their_own_organisation_alone(
    session, login, manager, organization, stranger_organization
):
    stranger = member("Manager", stranger_organization)
    keys = organization.id, stranger_organization.id
    session.get(Organization, keys[0]).holidays = {"2027-04-30": "روز"}
    session.flush()

    login(stranger).post(f"{URL}2027-04-30/delete")
    login(stranger).post(URL, data=DAY)

    assert days_by_key(session, keys[0]) == {"2027-04-30": "روز"}
    assert days_by_key(session, keys[1]) == {"2027-04-30": DAY["title"]}
