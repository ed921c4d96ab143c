"""The undo of decisions on repeated orders."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.extensions import db
from app.lib import clock
from app.panel.records.delete import soft_delete
from app.services.assignment.assign import assign
from app.services.follow_up import Result, record_result
from models.follow_up import FollowUp
from models.order import Order
from models.organization import Organization, RepeatPolicy
from models.result_title import ResultKind
from models.tenancy.scope import Actor, bind
from tests.factories import ResultTitleFactory
from tests.sales.repeated.steps import ATTACHED, BACK, HELD, HTMX, RELEASED, decide, toast, undo
from tests.support.orders import place


class TestTheUndo:
    @pytest.mark.parametrize("name", ["attach", "same_consultant", "not_repeat"])
    def test_brings_the_repeat_back(self, session, login, manager, pair, state, name):
        browser = login(manager)
        answer = decide(browser, name, pair[1])

        assert toast(undo(browser, answer))["level"] == "success"

        assert state(pair[1]) == HELD
        assert session.scalars(select(FollowUp.id).where(FollowUp.order_id == pair[1])).all() == []
        assert toast(undo(browser, answer))["level"] == "danger"
        assert state(pair[1]) == HELD

    def test_brings_back_a_whole_batch(self, session, login, manager, product, state):
        orders = [place(product, mobile=f"+9891200000{number:02d}") for number in range(4)]
        repeats = [place(product, mobile=f"+9891200000{number:02d}") for number in range(4)]
        session.commit()
        browser = login(manager)
        keys = [each.id for each in repeats]
        assert len(orders) == len(keys)

        answer = decide(browser, "not_repeat", *keys)
        undo(browser, answer)

        assert [state(key) for key in keys] == [HELD] * 4

    def test_is_over_after_ten_minutes_and_not_for_others(self, login, manager, consultant, pair, state):
        browser = login(manager)
        answer = decide(browser, "attach", pair[1])
        url = toast(answer)["undo_url"]

        assert login(consultant).post(url, headers=HTMX).status_code == 403
        clock.start_at(clock.now() + timedelta(minutes=11))
        assert "زمان بازگردانی گذشته" in toast(undo(browser, answer))["text"]
        assert state(pair[1]) == ATTACHED

    def test_leaves_what_was_worked_on(self, session, organization, login, manager, consultant, pair, state):
        browser = login(manager)
        answer = decide(browser, "same_consultant", pair[1])
        bind(session, Actor(organization.id, consultant.id, own=True))
        follow_up = session.scalars(select(FollowUp).where(FollowUp.order_id == pair[1])).one()
        title = ResultTitleFactory(kind=ResultKind.OPEN)
        record_result(follow_up, Result(title=title))
        session.commit()

        assert "روی آن کار شده" in toast(undo(browser, answer))["text"]
        assert state(pair[1]) == BACK

    def test_leaves_an_order_whose_first_is_gone(self, session, organization, login, manager, pair, state):
        browser = login(manager)
        answer = decide(browser, "not_repeat", pair[1])
        bind(session, Actor(organization.id, manager.id))
        soft_delete(Order, [pair[0]])
        session.commit()

        assert "حذف شده" in toast(undo(browser, answer))["text"]
        assert state(pair[1]) == RELEASED

    def test_points_later_orders_at_the_first_again(
        self, session, organization, login, manager, product, pair
    ):
        browser = login(manager)
        answer = decide(browser, "not_repeat", pair[1])
        bind(session, Actor(organization.id, manager.id))
        later = place(db.session.merge(product), day=1)
        session.commit()
        key = later.id

        undo(browser, answer)

        bind(session, Actor(organization.id, manager.id))
        session.expire_all()
        assert session.get(Order, key).repeat_of_id == pair[0]

    def test_restores_what_the_policy_had_attached(
        self, session, organization, login, manager, consultant, product, state
    ):
        session.get(Organization, organization.id).repeat_policy = RepeatPolicy.ATTACH
        assign(place(product, day=-2), consultant, by=manager)
        repeat = place(product)
        session.commit()
        browser = login(manager)

        answer = decide(browser, "not_repeat", repeat.id)
        assert state(repeat.id) == RELEASED
        undo(browser, answer)

        assert state(repeat.id) == ATTACHED
