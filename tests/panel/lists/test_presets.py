"""E09: named days look ahead as well as back, by Tehran's calendar and by the clock of the request."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.lib import clock
from app.lib.jalali import parse_datetime
from app.panel.filters.presets import Preset
from app.services.account.token import make_token
from models.account import TokenScope
from tests.factories import FollowUpFactory, OrderFactory

# 2 Azar 1405, a Monday; in Tehran 13:30. Azar has 30 days.
NOON = datetime(2026, 11, 23, 10, tzinfo=UTC)
EDGES = {
    "yesterday": "1405/09/01 23:59",
    "now": "1405/09/02 13:29",
    "later": "1405/09/02 23:59",
    "tomorrow": "1405/09/03 00:00",
    "end of tomorrow": "1405/09/03 23:59",
    "seventh": "1405/09/09 23:59",
    "eighth": "1405/09/10 00:00",
    "end of month": "1405/09/30 23:59",
    "next month": "1405/10/01 00:00",
    "thirtieth": "1405/10/02 23:59",
    "31st": "1405/10/03 00:00",
    "end of next month": "1405/10/30 23:59",
    "month after": "1405/11/01 00:00",
}
AHEAD = {
    "tomorrow": {"tomorrow", "end of tomorrow"},
    "next_7_days": {"tomorrow", "end of tomorrow", "seventh"},
    "next_30_days": {
        "tomorrow",
        "end of tomorrow",
        "seventh",
        "eighth",
        "end of month",
        "next month",
        "thirtieth",
    },
    "next_month": {"next month", "thirtieth", "31st", "end of next month"},
    "overdue": {"yesterday", "now"},
}
# The week begins on Saturday, 30 Aban.
AROUND = {
    "today": ("1405/09/02 00:00", "1405/09/02 23:59"),
    "yesterday": ("1405/09/01 00:00", "1405/09/01 23:59"),
    "this_week": ("1405/08/30 00:00", "1405/09/06 23:59"),
    "this_month": ("1405/09/01 00:00", "1405/09/30 23:59"),
    "last_month": ("1405/08/01 00:00", "1405/08/30 23:59"),
}


@pytest.fixture(autouse=True)
def at_noon():
    clock.start_at(NOON)
    yield
    clock.reset()


@pytest.fixture
def browser(login, manager):
    return login(manager)


def found(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200
    return {int(key) for key in re.findall(r'data-pk="(\d+)"', answer.text)}


@pytest.fixture
def rows(session, manager, neighbours):
    """A follow-up at each edge, one without a date, and those of others."""
    FollowUpFactory(next_at=None)
    made = {name: FollowUpFactory(next_at=parse_datetime(text)).id for name, text in EDGES.items()}
    session.commit()
    return made


@pytest.mark.parametrize(("preset", "names"), AHEAD.items(), ids=list(AHEAD))
def test_e09_days_ahead_have_both_their_ends(browser, rows, preset, names):
    keys = found(browser, f"/follow-ups/?tab=all&size=100&f_next_at={preset}")

    assert {name for name, key in rows.items() if key in keys} == names


@pytest.mark.parametrize(("preset", "ends"), AROUND.items(), ids=list(AROUND))
def test_days_around_today_have_both_their_ends(browser, session, manager, neighbours, preset, ends):
    first, last = (parse_datetime(each) for each in ends)
    minute = timedelta(minutes=1)
    times = (first - minute, first, last, last + minute)
    made = [FollowUpFactory(next_at=each).id for each in times]
    session.commit()

    keys = found(browser, f"/follow-ups/?tab=all&size=100&f_next_at={preset}")

    assert [each for each in made if each in keys] == made[1:3]


@pytest.mark.parametrize(
    ("preset", "days"),
    [("tomorrow", {1}), ("next_7_days", {1, 7}), ("overdue", {-1, 0}), ("next_month", {29})],
)
def test_e09_orders_have_them_too(browser, session, manager, preset, days):
    made = {
        each: OrderFactory(ordered_at=NOON + timedelta(days=each, minutes=-1)).id
        for each in (-1, 0, 1, 7, 29)
    }

    assert found(browser, f"/orders/?f_ordered_at={preset}") == {made[each] for each in days}


def test_e09_overdue_follows_the_clock_in_one_process(browser, session, manager):
    row = FollowUpFactory(next_at=NOON + timedelta(minutes=5)).id
    FollowUpFactory(next_at=NOON + timedelta(days=1))
    before = found(browser, "/follow-ups/?tab=all&f_next_at=overdue")
    clock.start_at(NOON + timedelta(minutes=6))

    assert (before, found(browser, "/follow-ups/?tab=all&f_next_at=overdue")) == (set(), {row})


def test_e09_tomorrow_moves_on_at_midnight_in_tehran(browser, login, session, manager):
    first, second = (FollowUpFactory(next_at=NOON + timedelta(days=days)).id for days in (1, 2))
    before = found(browser, "/follow-ups/?tab=all&f_next_at=tomorrow")
    clock.start_at(datetime(2026, 11, 23, 20, 31, tzinfo=UTC))
    # The session of before is over by then.
    after = found(login(manager), "/follow-ups/?tab=all&f_next_at=tomorrow")

    assert (before, after) == ({first}, {second})


def test_e09_the_form_offers_them_and_the_chip_names_them(browser, session, manager):
    FollowUpFactory()
    form = browser.get("/follow-ups/filters?tab=all").text
    words = ("فردا", "۷ روز آینده", "۳۰ روز آینده", "ماه آینده", "عقب‌افتاده")

    assert all(word in form for word in words)
    for preset, word in zip(AHEAD, words, strict=True):
        page = browser.get(f"/follow-ups/?tab=all&f_next_at={preset}").text
        assert re.search(rf"تماس بعدی: {word}", page)


def test_e09_rest_knows_them(app, session, manager, rows):
    _row, secret = make_token(manager, name="آزمون", scope=TokenScope.READ, days=1)
    session.commit()
    headers = {"Authorization": f"Bearer {secret}"}
    client = app.test_client()
    answer = client.get("/api/v1/follow-ups/?f_next_at=overdue&size=100", headers=headers)
    wrong = client.get("/api/v1/follow-ups/?f_next_at=next_year", headers=headers)
    paths = client.get("/api/v1/openapi.json", headers=headers).json["paths"]
    (described,) = [
        each["schema"]["enum"]
        for each in paths["/follow-ups/"]["get"]["parameters"]
        if each["name"] == "f_next_at"
    ]

    keys = {row["id"] for row in answer.json["items"]}
    assert {rows["yesterday"], rows["now"]} <= keys
    assert rows["later"] not in keys
    assert wrong.status_code == 422
    assert described == [each.value for each in Preset]


def test_e09_every_preset_has_days_or_is_a_moment():
    for each in Preset:
        if each is not Preset.OVERDUE:
            first, last = each.days()
            assert first <= last
