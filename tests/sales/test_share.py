"""U02: dealing names who gets how many, before and after, and says why orders wait."""

import json
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from flask import current_app
from sqlalchemy import select

from app.lib.clock import now
from app.lib.persian import persian_digits
from app.panel.bulk import job as bulk_run
from app.panel.bulk import routes as action_routes
from app.services.assignment.reassign import reassign
from app.services.assignment.share import shares_of_import
from app.services.imports.jobs import queue_import, receive_file
from app.services.imports.run import run_import
from app.services.imports.undo import undo_import
from app.tasks.bulk import run_bulk_job
from models.follow_up import FollowUp
from models.job import BulkJob, ImportJob
from models.member import Member
from models.order import Order, OrderStatus
from models.tenancy.scope import Actor, bind
from tests.factories import OrderFactory, ProductFactory, member
from tests.support.dealing import invited_member, orders_of_one_customer, owners
from tests.support.pages import untouched

pytestmark = pytest.mark.usefixtures("colleagues_rows")


@pytest.fixture
def invited(organization) -> Member:
    return invited_member(organization)


@pytest.fixture
def orders(manager) -> list[Order]:
    return orders_of_one_customer()


class TestU02WhoGetsHowMany:
    @pytest.fixture
    def people(self, organization):
        return [
            member("Consultant", organization, name, first_name=first, last_name="")
            for name, first in (("zahra", "زهرا"), ("ali", "علی"))
        ]

    def ask(self, client, orders, **data):
        """The dialog, or with `_step` the act."""
        keys = {"rowid": [str(order.id) for order in orders]}
        return client.post(
            "/orders/action_post",
            data={"action": "assign_in_turn", **data, **keys},
            headers={"HX-Request": "true"},
        )

    def deal(self, client, orders, dialog=""):
        """What the result says."""
        sent = untouched(dialog, "overlay-form") if dialog else {}
        done = self.ask(client, orders, **sent | {"_step": "run"})
        return json.loads(done.headers["HX-Trigger"])["toast"]["text"]

    def test_the_dialog_names_it_and_the_result_says_the_same(self, session, login, manager, people, orders):
        client = login(manager)
        people[1].last_assigned_at = now() - timedelta(hours=1)
        session.flush()

        dialog = self.ask(client, orders).text
        assert "۵ سفارش میان ۲ مشاور پخش می‌شود: زهرا ۳، علی ۲." in dialog
        assert owners(session) == {}

        assert self.deal(client, orders, dialog) == "۵ سفارش میان ۲ مشاور پخش شد: زهرا ۳، علی ۲."
        assert owners(session) == {people[0].id: 3, people[1].id: 2}

    def test_agree_between_equals(self, session, login, manager, people, orders):
        for number in range(6):
            client, order = (
                login(manager),
                OrderFactory(customer=orders[0].customer, product=orders[0].product),
            )
            for person in people:
                person.last_assigned_at = None
            session.flush()
            named = "زهرا ۱" if "زهرا ۱" in self.ask(client, [order]).text else "علی ۱"

            assert self.deal(client, [order]).endswith(f"پخش شد: {named}."), number

    def test_a_difference_is_said(self, session, login, manager, people, orders, organization):
        client = login(manager)
        dialog = self.ask(client, orders).text
        people[0].accepts_orders = False
        session.flush()

        told = self.deal(client, orders, dialog)

        assert "علی ۵" in told
        assert "فرق دارد" in told

    def test_all_that_match_are_foreseen_too(self, session, login, manager, people, orders):
        orders[0].status = OrderStatus.INVALID
        session.flush()

        page = login(manager).post(
            "/orders/action_post", data={"action": "assign_in_turn", "_all": "1", "_query": ""}
        )

        assert "زهرا ۲، علی ۲" in page.text or "علی ۲، زهرا ۲" in page.text

    def test_a_job_behind_the_page_adds_it_up(
        self, session, login, manager, people, orders, organization, monkeypatch
    ):
        monkeypatch.setattr(action_routes, "MOST_AT_ONCE", 2)
        monkeypatch.setattr(bulk_run, "CHUNK", 2)
        client, organization_id = login(manager), organization.id
        data = {"action": "assign_in_turn", "_all": "1", "_query": ""}
        dialog = client.post("/orders/action_post", data=data).text
        client.post("/orders/action_post", data=untouched(dialog, "overlay-form") | data | {"_step": "run"})
        key = session.scalars(select(BulkJob.id)).one()
        session.commit()

        with current_app.app_context():  # a session of its own, as a worker has
            run_bulk_job(key, organization_id)

        bind(session, Actor(organization_id))
        page = client.get(f"/jobs/{key}").text
        shares = {person.first_name: count for person, count in zip(people, (3, 2), strict=True)}
        if owners(session)[people[0].id] == 2:
            shares = {person.first_name: count for person, count in zip(people, (2, 3), strict=True)}
        assert sorted(owners(session).values()) == [2, 3]
        assert all(persian_digits(f"{name} {count}") in page for name, count in shares.items())
        assert all(persian_digits(f"{name} {count}") in dialog for name, count in shares.items())

    def test_what_stays_is_named_with_the_reason(self, session, login, manager, people, orders, invited):
        client = login(manager)
        people[0].daily_capacity, people[1].daily_capacity = 1, 1
        session.flush()

        dialog = self.ask(client, orders).text
        assert "۳ سفارش در انتظار انتساب می‌ماند. ظرفیت امروز مشاوران حاضر پر است" in dialog
        assert "۳ سفارش در انتظار انتساب می‌ماند" in self.deal(client, orders)
        tray = client.get("/orders/?tab=waiting").text
        assert "ظرفیت امروز مشاوران حاضر پر است" in tray

    def test_the_tray_names_who_was_invited(self, session, login, manager, orders, invited):
        client = login(manager)

        assert (
            "هیچ مشاوری حاضر نیست؛ دعوت شده‌اند و هنوز وارد نشده‌اند: نرگس تازه"
            in self.ask(client, orders).text
        )
        assert "نرگس تازه" in client.get("/orders/?tab=waiting").text
        assert "نرگس تازه" not in client.get("/orders/?tab=all").text

    def test_the_tray_is_silent_where_it_can_be_emptied(self, login, manager, people, orders):
        assert "message-line" not in login(manager).get("/orders/?tab=waiting").text


class TestU02WhoGotHowManyOfAnImport:
    @pytest.fixture
    def product(self, manager):
        return ProductFactory(code="K-1")

    @pytest.fixture
    def imported(self, manager, product, session):
        """Runs an import of three orders to its end."""

        def run(*, assign: bool) -> ImportJob:
            text = "موبایل,محصول\n" + "".join(f"0912000000{number},K-1\n" for number in range(3))
            job = receive_file(BytesIO(text.encode()), name="orders.csv", client_token=uuid4())
            queue_import(job, {"mobile": 0, "product": 1}, assign=assign)
            for _step in run_import(job):
                session.commit()
            return job

        return run

    def test_is_on_the_page_of_the_result(self, login, manager, imported, consultant, colleague):
        job = imported(assign=True)

        page = login(manager).get(f"/imports/show/{job.id}").text

        shares = {f"{consultant.full_name} ۲", f"{colleague.full_name} ۱"}
        others = {f"{consultant.full_name} ۱", f"{colleague.full_name} ۲"}
        assert "۳ سفارش میان ۲ مشاور پخش شد" in page
        assert all(each in page for each in shares) or all(each in page for each in others)

    def test_says_why_nothing_was_given(self, login, manager, imported, invited):
        job = imported(assign=True)

        page = login(manager).get(f"/imports/show/{job.id}").text

        assert "هیچ سفارشی پخش نشد." in page
        assert "۳ سفارش در انتظار انتساب می‌ماند. هیچ مشاوری حاضر نیست" in page
        assert "نرگس تازه" in page

    def test_says_nothing_where_nothing_was_asked_or_all_was_taken_back(
        self, login, manager, imported, consultant, session
    ):
        job = imported(assign=False)
        assert "پخش" not in login(manager).get(f"/imports/show/{job.id}").text

        undo_import(job)
        session.commit()
        again = imported(assign=True)
        undo_import(again)
        session.commit()
        assert "پخش" not in login(manager).get(f"/imports/show/{again.id}").text

    def test_what_is_reassigned_later_does_not_count_twice(
        self, manager, imported, consultant, organization, session
    ):
        job = imported(assign=True)
        follow_up = session.scalars(select(FollowUp)).first()
        reassign(follow_up, member("Consultant", organization, "later"), by=manager)

        assert [(share.member_id, share.orders) for share in shares_of_import(job)] == [(consultant.id, 3)]
