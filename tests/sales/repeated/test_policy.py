"""What the policy of the organisation and the trash do with repeated orders."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.panel.records.delete import soft_delete
from app.services.assignment.assign import assign
from app.services.imports.describe import describe
from app.services.imports.jobs import queue_import
from app.services.imports.run import run_import
from models.follow_up import FollowUp
from models.order import Order, OrderStatus
from models.organization import Organization, RepeatPolicy
from models.tenancy.scope import Actor, bind
from tests.sales.import_steps import run, upload
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

    @pytest.mark.parametrize("chunk", [1, 10])
    @pytest.mark.parametrize(
        ("policy", "expected"),
        [(RepeatPolicy.ATTACH, ATTACHED), (RepeatPolicy.STICKY, BACK), (RepeatPolicy.HOLD, HELD)],
    )
    def test_decides_on_repeats_that_one_file_brings_with_their_first(
        self, session, organization, consultant, colleague, product, state, policy, expected, chunk
    ):
        session.get(Organization, organization.id).repeat_policy = policy
        colleague.daily_capacity = consultant.daily_capacity = 2
        numbers = ("09121110001", "09121110001", "09121110002")
        job = upload("موبایل,محصول\n" + "".join(f"{number},{product.code}\n" for number in numbers))
        queue_import(job, describe(job).mapping, assign=True)

        for _step in run_import(job, chunk=chunk):
            session.commit()

        first, repeat, other = session.scalars(
            select(Order).where(Order.import_job_id == job.id).order_by(Order.id)
        )
        assert state(repeat.id) == expected
        assert {first.status, other.status} == {OrderStatus.ASSIGNED}
        owners = dict(session.execute(select(FollowUp.order_id, FollowUp.consultant_id)).all())
        assert owners[first.id] != owners[other.id]
        assert owners.get(repeat.id) == (owners[first.id] if expected == BACK else None)

    def test_does_not_decide_on_repeats_of_a_file_that_nobody_is_given(
        self, session, organization, consultant, product, state
    ):
        session.get(Organization, organization.id).repeat_policy = RepeatPolicy.ATTACH
        job = upload(f"موبایل,محصول\n09121110001,{product.code}\n0912-111-0001,{product.code}\n")
        run(job)

        orders = session.scalars(select(Order).where(Order.import_job_id == job.id))
        assert [order.status for order in orders] == [OrderStatus.NEW] * 2

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
