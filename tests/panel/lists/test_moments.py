"""Conditions of tabs go by the clock at the time of the request, in a process that cached them long before."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, or_, select

from app.extensions import appbuilder
from app.lib import clock
from app.panel.declaration import Tab
from app.panel.filters.choices import related
from app.panel.lists.list_query import _statement_of, statement_of
from app.panel.queries.counts import cached_count
from app.panel.queries.moments import FixedTime, day, midnight, moment, refuse_fixed_times
from models.follow_up import FollowUp
from models.order import Order
from tests.factories import FollowUpFactory, OrderFactory

# 2 Azar 1405; in Tehran 10:00 and the last minute of the day.
TEN = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
BEFORE_MIDNIGHT = datetime(2026, 11, 23, 20, 29, tzinfo=UTC)


@pytest.fixture(autouse=True)
def real_time_afterwards():
    yield
    clock.reset()


def keys(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200
    return {int(key) for key in re.findall(r'data-pk="(\d+)"', answer.text)}


def tabs_of(monkeypatch, slug, **conditions):
    section = next(view for view in appbuilder.baseviews if getattr(view, "slug", "") == slug)
    tabs = [Tab(key, _l("All"), condition, counted=True) for key, condition in conditions.items()]
    monkeypatch.setattr(section, "tabs", tabs)
    monkeypatch.setattr(section, "sort", "-id")
    return section


class TestE03:
    def test_e03_a_row_is_overdue_from_its_minute_on(self, monkeypatch, login, manager, neighbours):
        clock.start_at(TEN)
        late = FollowUpFactory(next_at=TEN - timedelta(minutes=1))
        row = FollowUpFactory(next_at=TEN + timedelta(minutes=5))
        FollowUpFactory(next_at=None)
        tabs_of(
            monkeypatch, "follow-ups", late=lambda: and_(FollowUp.not_closed(), FollowUp.next_at < moment())
        )
        browser = login(manager)
        at_ten = keys(browser, "/follow-ups/?tab=late&size=100")
        clock.start_at(TEN + timedelta(minutes=6))
        at_six_past = keys(browser, "/follow-ups/?tab=late&size=100")

        assert late.id in at_ten
        assert row.id not in at_ten
        assert at_six_past == at_ten | {row.id}

    def test_e03_numbers_and_rest_follow_the_clock(self, monkeypatch, login, manager, app):
        clock.start_at(TEN)
        FollowUpFactory(next_at=TEN + timedelta(minutes=5))
        section = tabs_of(monkeypatch, "follow-ups", late=lambda: FollowUp.next_at < moment())
        monkeypatch.setattr(
            type(section),
            "menu_count",
            staticmethod(lambda: cached_count(FollowUp, "late", lambda: FollowUp.next_at < moment())),
        )
        browser = login(manager)

        def numbers():
            page = browser.get("/follow-ups/?tab=late").text
            tab = re.search(r'tab=late".*?</a>', page, re.DOTALL)[0]
            menu = re.search(r'<a[^>]*href="/follow-ups/".*?</a>', page, re.DOTALL)[0]
            return [re.findall(r"[۰-۹]+", part) for part in (tab, menu)]

        before = numbers()
        clock.start_at(TEN + timedelta(minutes=6))

        assert before != numbers() == [["۱"], ["۱"]]

    def test_e03_the_day_turns_at_midnight_in_tehran(self, monkeypatch, login, manager):
        clock.start_at(BEFORE_MIDNIGHT)
        today = OrderFactory(ordered_at=BEFORE_MIDNIGHT - timedelta(hours=3)).id
        tomorrow = OrderFactory(ordered_at=BEFORE_MIDNIGHT + timedelta(hours=3)).id
        OrderFactory(ordered_at=BEFORE_MIDNIGHT + timedelta(days=2))
        OrderFactory(ordered_at=BEFORE_MIDNIGHT - timedelta(days=2))

        def of_the_day():
            return and_(Order.ordered_at >= midnight(), Order.ordered_at < midnight(1))

        tabs_of(monkeypatch, "orders", today=of_the_day)
        browser = login(manager)
        before = keys(browser, "/orders/?tab=today")
        clock.start_at(BEFORE_MIDNIGHT + timedelta(minutes=2))

        assert (before, keys(browser, "/orders/?tab=today")) == ({today}, {tomorrow})

    def test_e03_the_follow_ups_of_the_day_are_one_statement_for_all_days(self, login, manager, neighbours):
        browser = login(manager)
        clock.start_at(BEFORE_MIDNIGHT)
        row = FollowUpFactory(next_at=BEFORE_MIDNIGHT + timedelta(hours=1))
        before = keys(browser, "/follow-ups/?tab=due&size=100"), keys(browser, "/follow-ups/?tab=future")
        made = _statement_of.cache_info().misses
        clock.start_at(BEFORE_MIDNIGHT + timedelta(minutes=2))
        after = keys(browser, "/follow-ups/?tab=due&size=100"), keys(browser, "/follow-ups/?tab=future")

        assert row.id not in before[0] | after[1]
        assert row.id in before[1] & after[0]
        assert _statement_of.cache_info().misses == made

    @pytest.mark.parametrize(
        "condition",
        [
            lambda: FollowUp.next_at < clock.now(),
            lambda: or_(FollowUp.attempts > 3, FollowUp.next_at.between(moment(), clock.now())),
            lambda: FollowUp.next_at.in_([clock.now()]),
            lambda: FollowUp.order_id.in_(select(Order.id).where(Order.ordered_at > clock.now())),
        ],
    )
    def test_e03_a_plain_time_is_refused_by_its_name(self, monkeypatch, app, session, manager, condition):
        section = tabs_of(monkeypatch, "follow-ups", wrong=condition)

        with pytest.raises(FixedTime, match=r"FollowUps, tab 'wrong', .* use moment\(\)"):
            statement_of(section, section.tabs[0])

    def test_e03_so_is_one_in_the_rows_of_a_section(self, monkeypatch, app, session, manager):
        section = tabs_of(monkeypatch, "orders", all=lambda: Order.quantity > 0)
        monkeypatch.setattr(section, "statement", lambda: select(Order).where(Order.ordered_at < clock.now()))

        with pytest.raises(FixedTime):
            statement_of(section, None)

    def test_e03_a_plain_day_is_one_as_well(self):
        with pytest.raises(FixedTime, match="a rule"):
            refuse_fixed_times(Order.ordered_at > date(2026, 1, 1), "a rule")

    def test_e03_every_declared_tab_and_choice_takes_its_time_from_the_clock(self, app, session, manager):
        sections = [view for view in appbuilder.baseviews if hasattr(view, "visible_tabs")]
        for section in sections:
            for tab in [None, *section.tabs]:
                assert statement_of(section, tab) is not None
            for column in section.described_filters:
                if column.target is not None:
                    refuse_fixed_times(related(column), column.path)

    def test_e03_moments_of_different_distance_have_values_of_their_own(self, session, manager):
        clock.start_at(TEN)
        FollowUpFactory(next_at=TEN)
        hour = timedelta(hours=1)
        between = FollowUp.next_at.between(moment(-hour), moment(hour))

        assert session.scalars(select(FollowUp).where(between)).all()
        later = FollowUp.next_at > moment(hour)
        assert not session.scalars(select(FollowUp).where(later)).all()
        names = {day(-1).key, day().key, day(1).key, moment(hour).key, moment(-hour).key, midnight(1).key}
        assert len(names) == 6
