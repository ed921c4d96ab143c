"""What the policy of the organisation and the trash do with repeated orders."""

from __future__ import annotations

import pytest

from app.panel.records.delete import soft_delete
from app.services.assignment.assign import assign
from models.order import Order, OrderStatus
from models.organization import Organization, RepeatPolicy
from models.tenancy.scope import Actor, bind
from tests.sales.repeated.steps import ATTACHED, BACK, HELD, RELEASED, decide
from tests.support.orders import place


class TestThePolicy:
    def test_a_change_rewrites_nothing(self, session, organization, login, manager, pair, alone, state):
        browser = login(manager)
        decide(browser, "attach", pair[1])

        bind(session, Actor(organization.id, manager.id))
        session.get(Organization, organization.id).repeat_policy = RepeatPolicy.STICKY
        session.get(Organization, organization.id).repeat_window_days = 1
        session.commit()

        assert (state(pair[1]), state(alone[1])) == (ATTACHED, HELD)

    @pytest.mark.parametrize(
        ("policy", "expected"), [(RepeatPolicy.ATTACH, ATTACHED), (RepeatPolicy.STICKY, BACK)]
    )
    def test_decides_at_once(
        self, session, organization, manager, consultant, product, state, policy, expected
    ):
        session.get(Organization, organization.id).repeat_policy = policy
        assign(place(product, day=-2), consultant, by=manager)
        repeat = place(product)

        assert state(repeat.id) == expected
        assert session.get(Order, repeat.id).decided_by_id is None

    def test_a_released_order_stays_one_when_its_first_is_restored(
        self, session, organization, login, manager, pair, state
    ):
        from app.panel.records.deleted_rows import find_rows  # noqa: PLC0415
        from app.panel.records.restore import restore  # noqa: PLC0415

        decide(login(manager), "not_repeat", pair[1])
        bind(session, Actor(organization.id, manager.id))
        soft_delete(Order, [pair[0]])
        restore(find_rows(Order, [pair[0]]))

        assert state(pair[1]) == RELEASED

    def test_an_attached_order_is_free_when_its_first_is_deleted(
        self, session, organization, login, manager, pair, state
    ):
        decide(login(manager), "attach", pair[1])
        bind(session, Actor(organization.id, manager.id))
        soft_delete(Order, [pair[0]])

        assert state(pair[1]) == (OrderStatus.NEW, False, None)
        assert session.get(Order, pair[1]).decided_at is None
