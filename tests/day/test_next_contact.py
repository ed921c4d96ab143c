"""The next contact that a result title suggests (U03): working days, the form of a title, the panel, new organisations."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from app.lib import clock
from app.lib.jalali import TEHRAN, format_datetime
from app.services.next_contact import suggested_moment, suggestion_of
from app.services.organization import create_organization
from app.services.working_time import is_working_day, next_working_morning
from models.organization import Organization, Weekday
from models.result_title import ResultKind, ResultTitle, SuggestedTime
from models.tenancy.scope import Actor, acting_as
from tests.factories import FollowUpFactory, ResultTitleFactory

SUNDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = (date(2026, 11, day) for day in (29, 25, 26, 27, 28))


@pytest.fixture
def at_noon_of():
    """Sets the clock to noon in Tehran of a day."""
    yield lambda day: clock.start_at(datetime(day.year, day.month, day.day, 12, tzinfo=TEHRAN))
    clock.reset()


def closed(*days, free=("friday",), hours=(time(9), time(18))):
    """An organisation with the holidays *days* and the weekdays *free*."""
    working = [each.value for each in Weekday if each.value not in free]
    titles = dict.fromkeys(days, "تعطیل")
    return Organization(holidays=titles, working_days=working, works_from=hours[0], works_until=hours[1])


@pytest.mark.parametrize(
    ("unit", "count", "passed"),
    [
        (SuggestedTime.MINUTES, 15, timedelta(minutes=15)),
        (SuggestedTime.HOURS, 2, timedelta(hours=2)),
        (SuggestedTime.DAYS, 3, timedelta(days=3)),
    ],
)
def test_the_moment_that_a_title_suggests(at_noon_of, unit, count, passed):
    at_noon_of(SUNDAY)
    noon = datetime(2026, 11, 29, 12, tzinfo=TEHRAN)
    title = ResultTitle(kind=ResultKind.OPEN, suggested_time=unit, suggested_count=count)
    closing = ResultTitle(kind=ResultKind.LOST, suggested_time=unit, suggested_count=count)

    assert timedelta() <= suggested_moment(title, closed()) - (noon + passed) < timedelta(minutes=1)
    assert suggested_moment(closing, closed()) is None
    assert suggested_moment(ResultTitle(kind=ResultKind.OPEN), closed()) is None


@pytest.mark.parametrize(
    ("holidays", "free", "today", "morning"),
    [
        ((), ("friday",), SUNDAY, date(2026, 11, 30)),
        ((), ("friday",), WEDNESDAY, THURSDAY),
        ((), ("friday",), THURSDAY, SATURDAY),
        ((), ("thursday", "friday"), WEDNESDAY, SATURDAY),
        ((), ("thursday",), WEDNESDAY, FRIDAY),
        # A holiday leaves the Friday free.
        (("2026-11-28",), ("friday",), THURSDAY, SUNDAY),
        # The day of the holiday in another year is none.
        (("2025-11-28",), ("friday",), THURSDAY, SATURDAY),
    ],
)
def test_the_next_working_morning_is_at_ten_in_tehran(at_noon_of, holidays, free, today, morning):
    at_noon_of(today)

    found = next_working_morning(closed(*holidays, free=free))

    assert found.astimezone(TEHRAN) == datetime(morning.year, morning.month, morning.day, 10, tzinfo=TEHRAN)


def test_the_day_is_that_of_tehran_after_midnight(at_noon_of):
    # 21:00 UTC on Saturday is Sunday in Tehran.
    clock.start_at(datetime(2026, 11, 28, 21, tzinfo=UTC))
    at = next_working_morning(closed())

    assert at.astimezone(TEHRAN).date() == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("hours", "hour"),
    [((9, 18), 10), ((10, 18), 10), ((14, 20), 14), ((6, 10), 6), ((11, 12), 11)],
)
def test_the_morning_lies_within_the_working_hours(at_noon_of, hours, hour):
    at_noon_of(SUNDAY)
    found = next_working_morning(closed(hours=(time(hours[0]), time(hours[1]))))

    assert found.astimezone(TEHRAN).hour == hour


def test_an_organisation_without_a_working_day_gets_tomorrow(at_noon_of):
    at_noon_of(SUNDAY)
    week = ("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday")

    assert not is_working_day(closed(free=week), SUNDAY)
    assert next_working_morning(closed(free=week)).astimezone(TEHRAN).date() == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("unit", "count", "kind", "rule"),
    [
        (None, 3, ResultKind.OPEN, None),
        (SuggestedTime.MINUTES, 30, ResultKind.CALLBACK, "minutes:30"),
        (SuggestedTime.HOURS, 3, ResultKind.UNREACHABLE, "hours:3"),
        (SuggestedTime.DAYS, 2, ResultKind.OPEN, "days:2"),
        (SuggestedTime.DAYS, 2, ResultKind.LOST, None),
    ],
)
def test_a_title_suggests_by_rule_and_a_closing_one_nothing(unit, count, kind, rule):
    title = ResultTitle(suggested_time=unit, suggested_count=count, kind=kind)

    assert suggestion_of(title, closed()) == rule


def test_a_morning_is_written_as_the_form_reads_it(at_noon_of):
    at_noon_of(THURSDAY)
    title = ResultTitle(suggested_time=SuggestedTime.MORNING, kind=ResultKind.CALLBACK)
    at = format_datetime(datetime(2026, 11, 28, 10, tzinfo=TEHRAN))

    assert suggestion_of(title, closed()) == f"at:{at}"


def test_the_panel_offers_the_suggestion_of_each_title(login, manager, consultant):
    follow_up = FollowUpFactory(consultant_id=consultant.id)
    ResultTitleFactory(title="با سه ساعت", suggested_time=SuggestedTime.HOURS, suggested_count=3)
    ResultTitleFactory(title="بی پیشنهاد")

    page = login(consultant).get(f"/follow-ups/{follow_up.id}/panel").text

    offered = page.partition('data-title="با سه ساعت"')[2].partition(">")[0]
    assert 'data-suggests="hours:3"' in offered
    assert "data-suggests" not in page.partition('data-title="بی پیشنهاد"')[2].partition(">")[0]


class TestForm:
    FIELDS = {"title": "پیگیری دوباره", "colour": "blue", "kind": "callback", "scope": "follow_up"}

    @pytest.mark.parametrize("count", ["", "0", "1000"])
    @pytest.mark.parametrize("unit", ["minutes", "hours", "days"])
    def test_a_counted_suggestion_needs_its_number(self, session, login, manager, unit, count):
        form = self.FIELDS | {"suggested_time": unit, "suggested_count": count}

        answer = login(manager).post("/result-titles/add", data=form)

        assert answer.status_code == 422
        assert 'id="suggested_count-error"' in answer.text
        assert session.scalar(select(ResultTitle).where(ResultTitle.title == form["title"])) is None

    @pytest.mark.parametrize(("unit", "count"), [("morning", ""), ("", "3"), ("hours", "۳")])
    def test_a_complete_one_is_saved(self, session, login, manager, unit, count):
        form = self.FIELDS | {"suggested_time": unit, "suggested_count": count}

        assert login(manager).post("/result-titles/add", data=form).status_code == 302

        saved = session.scalars(select(ResultTitle).where(ResultTitle.title == form["title"])).one()
        assert (saved.suggested_time and saved.suggested_time.value) == (unit or None)

    def test_a_consultant_may_not_change_it(self, login, manager, consultant):
        row = ResultTitleFactory()
        form = self.FIELDS | {"suggested_time": "hours", "suggested_count": "3"}

        assert login(consultant).post(f"/result-titles/edit/{row.id}", data=form).status_code == 403


def test_new_organisations_begin_with_suggestions(session):
    organization = create_organization("suggests", "پیشنهاد", {})
    with acting_as(session, Actor(organization.id)):
        titles = {row.title: row for row in session.scalars(select(ResultTitle))}
        found = {name: (titles[name].suggested_time, titles[name].suggested_count) for name in titles}

    assert found["پاسخ نداد"] == (SuggestedTime.HOURS, 3)
    assert found["تماس مجدد"] == (SuggestedTime.MORNING, None)
    assert found["خرید کرد"] == (None, None)
