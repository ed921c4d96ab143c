"""The trail: one event for each accepted act, nothing secret in it."""

import json
from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.extensions import db
from app.services.imports.describe import describe
from app.services.imports.jobs import queue_import, receive_file
from app.tasks.imports import run_import_job
from models.audit.event import AuditEvent
from models.order import Order
from models.product import Product
from models.result_title import ResultKind, ResultTitle
from models.sale import Sale
from models.tenancy.scope import Actor, bind
from tests.factories import PASSWORD_HASH, FollowUpFactory, OrderFactory, ProductFactory, member


def brief(event: AuditEvent):
    return event.action, event.object_type, event.object_id


class TestOneEvent:
    def test_for_a_row_that_was_added(self, session, login, manager, told):
        client = login(manager)
        data = {"title": "دوره", "code": "D-1", "price": "1200", "is_active": "y"}

        events = told(lambda: client.post("/products/add", data=data))

        row = session.scalars(select(Product).where(Product.code == "D-1")).one()
        assert [brief(event) for event in events] == [("add", "Product", row.id)]
        assert events[0].before is None
        assert events[0].after | {"@label": ""} == {
            "title": "دوره",
            "code": "D-1",
            "price": 12_000,
            "is_active": True,
            "@label": "",
        }

    def test_for_an_edit_with_the_changed_columns_alone(self, login, manager, product, told):
        client = login(manager)
        data = {"title": "دوره مالی", "code": "F-2", "price": "5000000", "is_active": "y"}

        events = told(lambda: client.post(f"/products/edit/{product.id}", data=data))

        assert [brief(event) for event in events] == [("edit", "Product", product.id)]
        assert events[0].before == {"code": "F-1"}
        assert events[0].after == {"code": "F-2", "@label": "دوره مالی"}

    def test_says_who_and_from_where(self, login, manager, organization, product, told):
        client = login(manager)

        (event,) = told(
            lambda: client.post(
                f"/products/delete/{product.id}",
                headers={"X-Request-ID": "trace-of-this", "User-Agent": "Firefox"},
            )
        )

        assert (event.actor_id, event.organization_id) == (manager.id, organization.id)
        assert (event.request_id, event.ip, event.agent) == ("trace-of-this", "127.0.0.1", "Firefox")
        assert event.session_id is not None

    def test_for_a_deletion_and_one_for_its_undo(self, session, login, manager, product, told):
        client = login(manager)

        deleted = told(lambda: client.post(f"/products/delete/{product.id}"))
        session.refresh(product)
        restored = told(lambda: client.post(f"/products/undo/{product.delete_batch}"))

        assert [brief(event) for event in deleted] == [("delete", "Product", product.id)]
        assert [brief(event) for event in restored] == [("undo", "Product", product.id)]

    def test_for_many_rows_at_once_with_their_ids(self, login, manager, told):
        keys = [ProductFactory().id for _ in range(3)]
        client = login(manager)
        data = {"action": "remove", "_step": "run", "rowid": keys}

        events = told(lambda: client.post("/products/action_post", data=data))

        assert [brief(event) for event in events] == [("delete", "Product", None)]
        assert events[0].after == {"@rows": keys}

    def test_for_a_result_with_all_that_it_moved(self, session, login, consultant, told):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        won = session.scalars(select(ResultTitle).where(ResultTitle.kind == ResultKind.WON)).first()
        client = login(consultant)
        line = {"product": follow_up.product_id, "price": "1000", "quantity": "1"}
        data = {"result_title": won.id} | {f"items-0-{name}": value for name, value in line.items()}

        events = told(lambda: client.post(f"/follow-ups/{follow_up.id}/result", data=data))

        assert [brief(event) for event in events] == [("result", "FollowUp", follow_up.id)]
        assert (events[0].before["status"], events[0].after["status"]) == ("open", "won")
        sale = session.scalars(select(Sale)).one()
        moved = {(each["type"], each["id"], each["action"]) for each in events[0].after["@also"]}
        assert {("Sale", sale.id, "add"), ("Order", follow_up.order_id, "edit")} <= moved

    def test_for_orders_that_are_assigned(self, login, manager, consultant, told):
        orders = [OrderFactory() for _ in range(2)]
        client = login(manager)
        data = {"action": "assign", "_step": "run", "member": consultant.id}
        keys = [order.id for order in orders]

        events = told(lambda: client.post("/orders/action_post", data=data | {"rowid": keys}))

        assert [brief(event) for event in events] == [("assign", "Order", None)]
        given = [each["after"] for each in events[0].after["@also"] if each["type"] == "Assignment"]
        assert {(each["order_id"], each["to_member_id"]) for each in given} == {
            (key, consultant.id) for key in keys
        }

    def test_for_a_follow_up_that_gets_another_consultant(self, login, manager, consultant, colleague, told):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        client = login(manager)
        data = {"_step": "run", "member": colleague.id}

        events = told(lambda: client.post(f"/follow-ups/action/reassign/{follow_up.id}", data=data))

        assert [brief(event) for event in events] == [("reassign", "FollowUp", follow_up.id)]
        assert events[0].before == {"consultant_id": consultant.id}
        assert events[0].after["consultant_id"] == colleague.id

    def test_for_an_order_by_phone_with_its_new_customer(self, session, login, consultant, product, told):
        client = login(consultant)
        data = {"mobile": "09121234567", "product": product.id, "quantity": "2"}

        events = told(lambda: client.post("/orders/add", data=data))

        order = session.scalars(select(Order)).one()
        assert [brief(event) for event in events] == [("add", "Order", order.id)]
        assert ("Customer", "add") in {(each["type"], each["action"]) for each in events[0].after["@also"]}

    def test_for_an_import_however_many_chunks_it_takes(self, session, manager, product, told):
        def bring_in():
            data = f"موبایل,محصول\n09120000000,{product.code}\n09120000001,{product.code}\n".encode()
            job = receive_file(BytesIO(data), name="orders.csv", client_token=uuid4())
            queue_import(job, describe(job).mapping)
            session.commit()
            actor = Actor(job.organization_id, manager.id)
            run_import_job(job.id, job.organization_id)
            bind(session, actor)

        events = told(bring_in)

        assert [event.action for event in events] == ["import"]

    def test_for_a_statement_that_nobody_told_of(self, session, manager, told):
        def rename():
            session.execute(db.update(Product).values(title="یکسان"))
            session.commit()

        ProductFactory()

        events = told(rename)

        assert [brief(event) for event in events] == [("edit", "Product", None)]
        assert events[0].actor_id == manager.id


class TestReading:
    """Rows are read by the people of their organisation; the platform's admin leaves a trace."""

    @pytest.fixture
    def admin(self, login, organization):
        client = login(member("Admin", None))
        client.post(f"/organizations/enter/{organization.id}")
        return client

    def test_by_the_platforms_admin_is_told(self, session, organization, admin, product, told):
        def look():
            admin.get("/products/")
            admin.get(f"/products/show/{product.id}")
            bind(session, Actor(organization.id))

        events = told(look)

        assert [brief(event) for event in events] == [
            ("view", "Product", None),
            ("view", "Product", product.id),
        ]

    def test_of_what_is_not_there_is_no_reading(self, session, organization, manager, admin, told):
        def look():
            admin.get("/products/show/999999")
            bind(session, Actor(organization.id))

        assert told(look) == []

    def test_by_a_member_is_not_told(self, login, manager, product, told):
        client = login(manager)

        assert told(lambda: client.get("/products/")) == []


class TestSecrets:
    def test_a_password_is_never_written_down(self, session, manager, consultant, told):
        def change_password():
            consultant.password = PASSWORD_HASH + "x"
            consultant.totp_secret = "abcdefgh"
            session.commit()

        events = told(change_password)

        written = json.dumps([[event.before, event.after] for event in events])
        assert brief(events[0]) == ("edit", "Member", consultant.id)
        assert events[0].after["password"] == "***"
        assert "scrypt" not in written
        assert "abcdefgh" not in written


def test_a_row_that_was_flushed_twice_changed_once(session, manager, product, told):
    def change_twice():
        for title in ("یک", "دو"):
            product.title = title
            session.flush()
        session.commit()

    (event,) = told(change_twice)

    assert (event.before["title"], event.after["title"]) == ("دوره مالی", "دو")
