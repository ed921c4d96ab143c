"""Schedules of saved reports: their moments and their form."""

import re

import pytest
from flask_appbuilder.security.sqla.models import Role

from app.extensions import appbuilder
from app.lib.clock import now
from app.lib.jalali import parse_date
from app.panel.report.reading import Range
from models.organization import Organization
from models.schedule.saved_report import LAST_DAY, SavedReport, Sending
from models.types import WeekdayList
from tests.factories import member
from tests.report.schedule_steps import FORM, PAGE, at


class TestNextRun:
    @pytest.mark.parametrize(
        ("rule", "after", "expected"),
        [
            ({"sending": Sending.DAILY, "hour": 8}, ("1405/02/10", 7, 59), ("1405/02/10", 8)),
            ({"sending": Sending.DAILY, "hour": 8}, ("1405/02/10", 8), ("1405/02/11", 8)),
            # Midnight in Tehran is half past eight of the evening before in UTC.
            ({"sending": Sending.DAILY, "hour": 0}, ("1405/02/10", 23, 59), ("1405/02/11", 0)),
            ({"sending": Sending.DAILY, "hour": 23}, ("1404/12/29", 23), ("1405/01/01", 23)),
            (
                {"sending": Sending.WEEKLY, "hour": 9, "weekdays": WeekdayList("sat,wed")},
                ("1405/02/10", 0),
                ("1405/02/12", 9),
            ),
            ({"sending": Sending.MONTHLY, "hour": 6, "month_day": 1}, ("1404/12/29", 6), ("1405/01/01", 6)),
            # 1403 is a leap year: its Esfand has thirty days.
            (
                {"sending": Sending.MONTHLY, "hour": 6, "month_day": LAST_DAY},
                ("1403/12/01", 0),
                ("1403/12/30", 6),
            ),
            (
                {"sending": Sending.MONTHLY, "hour": 6, "month_day": 30},
                ("1404/12/01", 0),
                ("1404/12/29", 6),
            ),
            (
                {"sending": Sending.MONTHLY, "hour": 6, "month_day": LAST_DAY},
                ("1403/12/30", 6),
                ("1404/01/31", 6),
            ),
        ],
    )
    def test_is_the_first_moment_of_the_rule(self, rule, after, expected):
        assert SavedReport(**rule).next_after(at(*after)) == at(*expected)

    def test_there_is_none_without_a_schedule(self):
        assert SavedReport(sending=Sending.NEVER).next_after(now()) is None
        assert SavedReport(sending=Sending.WEEKLY, hour=8).next_after(now()) is None

    @pytest.mark.parametrize(
        ("rule", "words"),
        [
            ({"sending": Sending.DAILY, "hour": 8}, "هر روز، ساعت ۸"),
            (
                {"sending": Sending.WEEKLY, "hour": 0, "weekdays": WeekdayList("sat")},
                "هر هفته شنبه، ساعت ۰",
            ),
            ({"sending": Sending.MONTHLY, "hour": 9, "month_day": 5}, "روز ۵ هر ماه، ساعت ۹"),
            ({"sending": Sending.NEVER, "hour": 9}, ""),
        ],
    )
    def test_in_words(self, app, rule, words):
        assert SavedReport(**rule).schedule == words


@pytest.mark.parametrize(
    ("span", "day", "first", "last"),
    [
        (Range.YESTERDAY, "1405/01/01", "1404/12/29", "1404/12/29"),
        (Range.YESTERDAY, "1404/01/01", "1403/12/30", "1403/12/30"),
        # 1 Farvardin 1405 is a Saturday.
        (Range.LAST_WEEK, "1405/01/01", "1404/12/23", "1404/12/29"),
        (Range.LAST_WEEK, "1405/01/07", "1404/12/23", "1404/12/29"),
        (Range.THIS_MONTH, "1403/12/30", "1403/12/01", "1403/12/30"),
        (Range.LAST_MONTH, "1404/01/01", "1403/12/01", "1403/12/30"),
        (Range.FOUR_MONTHS, "1405/01/01", "1404/09/01", "1404/12/29"),
    ],
)
def test_ranges_are_counted_from_a_day(span, day, first, last):
    assert span.days_on(parse_date(day)) == (parse_date(first), parse_date(last))


def test_a_report_of_one_month_offers_no_longer_range():
    assert [each for each in Range if each.fits(1)] == [
        Range.YESTERDAY,
        Range.LAST_WEEK,
        Range.THIS_MONTH,
        Range.LAST_MONTH,
    ]
    assert all(each.fits(None) and each.fits(4) for each in Range)
    assert not Range.FOUR_MONTHS.fits(3)


class TestForm:
    def test_a_schedule_is_stored_with_its_next_run(self, schedule, manager, consultant, stored):
        assert schedule(receivers=[manager, consultant]).status_code == 302
        (row,) = stored(SavedReport)
        assert (row.next_at, row.receivers) == (at("1405/02/10", 8), [manager.id, consultant.id])
        assert (row.month_day, row.weekdays) == (None, None)
        schedule(sending="never")
        (row,) = stored(SavedReport)
        assert (row.next_at, row.hour, row.receivers) == (None, None, [])

    def test_is_shown_as_it_is_stored(self, schedule, login, manager, consultant, saved):
        schedule(receivers=[consultant], sending="weekly", weekdays=["sat", "wed"], hour="23")
        page = login(manager).get(f"{PAGE}saved/{saved.id}/schedule").text
        chosen = re.findall(r'<option value="(\w+)" selected', page)
        assert chosen == ["weekly", "1", "23", "yesterday"]
        ticked = re.findall(r'value="(\w+)" checked', page)
        assert ticked == ["sat", "wed", str(consultant.id)]
        assert "هر هفته شنبه و چهارشنبه، ساعت ۲۳" in login(manager).get(f"{PAGE}saved").text

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"sending": "hourly"}, "sending"),
            ({"sending": ""}, "sending"),
            ({"sending": "weekly"}, "weekdays"),
            ({"sending": "weekly", "weekdays": "noday"}, "weekdays"),
            ({"hour": "24"}, "hour"),
            ({"hour": "-1"}, "hour"),
            ({"hour": "1_0"}, "hour"),
            ({"hour": "9" * 40}, "hour"),
            ({"sending": "monthly", "month_day": "32"}, "month_day"),
            ({"sending": "monthly", "month_day": "0"}, "month_day"),
            ({"span": "forever"}, "span"),
            ({"span": "\x00"}, "span"),
            ({"receivers": []}, "receivers"),
            ({"receivers": ["x"]}, "receivers"),
            ({"receivers": ["9" * 30]}, "receivers"),
        ],
    )
    def test_refuses_what_is_wrong_at_its_field(self, login, saved, manager, stored, given, field):
        data = FORM | {"receivers": [str(manager.id)]} | given
        answer = login(manager).post(f"{PAGE}saved/{saved.id}/schedule", data=data)
        assert answer.status_code == 422
        assert re.search(rf'id="{field}-error"', answer.text)
        assert [each.next_at for each in stored(SavedReport)] == [None]

    def test_only_those_who_may_see_the_report_are_offered(
        self, session, far, schedule, login, manager, consultant, organization, saved, stored
    ):
        others = {
            "SupportAgent": member("SupportAgent", organization, "support", first_name="پشتیبان"),
            "inactive": member("Consultant", organization, "inactive", active=False),
            "invited": member("Consultant", organization, "invited", last_login=None),
            "stranger": member("Manager", session.get(Organization, far), "stranger"),
        }
        session.commit()
        page = login(manager).get(f"{PAGE}saved/{saved.id}/schedule").text
        assert f'value="{consultant.id}"' in page
        for each in others.values():
            assert f'name="receivers" value="{each.id}"' not in page
            assert schedule(receivers=[each]).status_code == 422
        assert [row.receivers for row in stored(SavedReport)] == [[]]

    def test_a_consultant_sends_to_themselves_alone(self, session, login, manager, consultant, saved, stored):
        saved.member_id = consultant.id
        session.commit()
        client, at_form = login(consultant), f"{PAGE}saved/{saved.id}/schedule"
        assert manager.full_name not in client.get(at_form).text
        assert client.post(at_form, data=FORM | {"receivers": [str(manager.id)]}).status_code == 422
        assert client.post(at_form, data=FORM | {"receivers": [str(consultant.id)]}).status_code == 302
        assert [row.receivers for row in stored(SavedReport)] == [[consultant.id]]

    def test_people_of_the_platform_receive_nothing(self, session, login, saved, organization):
        address = f"{PAGE}saved/{saved.id}/schedule"
        client = login(member("Admin", None, "admin"))
        client.post(f"/organizations/enter/{organization.id}")
        assert client.post(address, data=FORM).status_code == 403


def test_roles_of_an_organisation_count_too(session, organization, manager, login, saved):
    """A member with an extra role that has the right is offered."""
    role = Role(name=f"all:{organization.id}:reports")
    sees = appbuilder.sm.find_permission_view_menu("can_list", "FinalSales")
    role.permissions = [sees]
    session.add(role)
    person = member("SupportAgent", organization, "extra")
    person.roles = [role]
    session.commit()
    page = login(manager).get(f"{PAGE}saved/{saved.id}/schedule").text
    assert f'name="receivers" value="{person.id}"' in page
