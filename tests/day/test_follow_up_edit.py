"""The edit form of a follow-up: fields of its customer and its order, each by the right to its own section."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.lib.clock import now
from app.lib.jalali import format_datetime
from models.audit.event import AuditEvent
from models.customer import Customer
from models.follow_up import FollowUp
from models.order import Order, OrderStatus
from tests.factories import CustomerFactory, ProductFactory
from tests.support.timelines import follow_up

CUSTOMER = ("customer__first_name", "customer__last_name", "customer__city")
ORDER = ("order__product", "order__note")


@pytest.fixture
def row(session, consultant):
    customer = CustomerFactory(first_name="مریم", last_name="احمدی", city="شیراز")
    made = follow_up(customer, consultant)
    made.order.note = "کلاس عصر"
    session.commit()
    return made


def opened(client, row):
    """The values of the form as a browser would send them."""
    page = client.get(f"/follow-ups/edit/{row.id}").text
    form = page.partition('id="form"')[2]
    sent = dict(re.findall(r'<input[^>]* name="([\w.]+)"[^>]* value="([^"]*)"', form))
    sent |= dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)<', form))
    product = re.search(r'name="order__product".*?<option value="(\d+)" selected', form, re.DOTALL)
    if product:
        sent["order__product"] = product[1]
    return {name: value.replace("&#34;", '"') for name, value in sent.items()}, page


def save(client, row, sent):
    return client.post(f"/follow-ups/edit/{row.id}", data=sent)


def test_a_manager_edits_customer_order_and_next_contact(session, login, manager, row):
    client, product, later = login(manager), ProductFactory(), now() + timedelta(days=2)
    session.commit()
    sent, _page = opened(client, row)
    assert set(sent) >= {*CUSTOMER, *ORDER, "next_at"}

    sent |= {"customer__first_name": "مینا", "customer__city": "یزد", "order__note": "صبح‌ها"}
    answer = save(client, row, sent | {"order__product": product.id, "next_at": format_datetime(later)})

    assert answer.status_code == 302, answer.text
    session.expire_all()
    assert (row.customer.first_name, row.customer.last_name, row.customer.city) == ("مینا", "احمدی", "یزد")
    assert (row.order.note, row.order.product_id, row.product_id) == ("صبح‌ها", product.id, product.id)
    assert row.next_at is not None
    assert "مینا" in row.customer.search_key


def test_a_consultant_edits_the_customer_and_sees_the_order(session, login, consultant, row):
    client = login(consultant)
    sent, page = opened(client, row)

    assert set(sent) >= set(CUSTOMER)
    assert not set(sent) & set(ORDER)
    assert all(word in page for word in ("کلاس عصر", str(row.product)))
    sent |= {"customer__city": "یزد", "order__note": "دستکاری", "order__product": "1"}
    assert save(client, row, sent).status_code == 302
    session.expire_all()
    assert (row.customer.city, row.order.note) == ("یزد", "کلاس عصر")


@pytest.mark.parametrize("name", ["mobile", "customer__mobile", "customer.mobile", "customer__created_by_id"])
def test_the_number_is_no_field(session, login, manager, row, name):
    client, before = login(manager), row.customer.mobile
    sent, _page = opened(client, row)

    assert name not in sent
    assert save(client, row, sent | {name: "09120000000"}).status_code == 302
    session.expire_all()
    assert row.customer.mobile == before


def test_a_colleague_is_not_there(login, colleague, row):
    client = login(colleague)

    assert client.get(f"/follow-ups/edit/{row.id}").status_code == 404
    assert save(client, row, {"customer__city": "یزد"}).status_code == 404


def test_a_deleted_customer_is_only_shown(session, login, manager, row):
    row.customer.deleted_at = now()
    session.commit()

    sent, _page = opened(login(manager), row)

    assert not set(sent) & set(CUSTOMER)
    assert set(sent) >= set(ORDER)


def test_a_sold_order_has_its_product(session, login, manager, row):
    row.order.status = OrderStatus.WON
    product = ProductFactory()
    session.commit()
    client = login(manager)
    sent, _page = opened(client, row)

    answer = save(client, row, sent | {"order__product": product.id, "customer__city": "یزد"})

    assert answer.status_code == 422
    assert "order__product-error" in answer.text
    session.expire_all()
    assert (row.order.product_id, row.customer.city) == (row.product_id, "شیراز")


def test_an_empty_product_is_refused(login, manager, row):
    client = login(manager)
    sent, _page = opened(client, row)

    assert save(client, row, sent | {"order__product": ""}).status_code == 422


@pytest.mark.parametrize("name", ["customer__first_name", "customer__city"])
def test_long_texts_are_refused_at_their_field(login, manager, row, name):
    client = login(manager)
    sent, _page = opened(client, row)

    answer = save(client, row, sent | {name: "ب" * 200})

    assert answer.status_code == 422
    assert f"{name}-error" in answer.text


@pytest.mark.parametrize(
    ("model", "field", "name"),
    [(Customer, "city", "customer__city"), (Order, "note", "order__note"), (FollowUp, "next_at", "next_at")],
)
def test_a_change_meanwhile_is_a_conflict(session, login, manager, row, model, field, name):
    client = login(manager)
    sent, _page = opened(client, row)
    target = {Customer: row.customer, Order: row.order, FollowUp: row}[model]
    theirs = now() + timedelta(days=3) if field == "next_at" else "نسخهٔ دیگر"
    setattr(target, field, theirs)
    session.commit()
    mine = format_datetime(now() + timedelta(days=9)) if field == "next_at" else "نسخهٔ من"

    answer = save(client, row, sent | {name: mine})

    assert answer.status_code == 409
    assert f'name="{name}"' in answer.text
    session.expire_all()
    assert getattr(target, field) == theirs
    form = answer.text.partition('id="form"')[2]
    again = dict(re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]*)"', form))
    again = {key: value.replace("&#34;", '"') for key, value in again.items()}
    assert save(client, row, again | {name: mine}).status_code == 302
    session.expire_all()
    assert getattr(target, field) != theirs


def test_each_touched_row_has_an_event_of_its_own(session, login, manager, row):
    client = login(manager)
    sent, _page = opened(client, row)
    key, customer_id, order_id = row.id, row.customer_id, row.order_id

    save(client, row, sent | {"customer__city": "یزد", "next_at": format_datetime(now() + timedelta(days=2))})

    events = session.scalars(select(AuditEvent).where(AuditEvent.action == "edit")).all()
    assert {(each.object_type, each.object_id) for each in events} == {
        ("FollowUp", key),
        ("Customer", customer_id),
    }
    # The heads of the pages name the new city.
    assert "شیراز" in client.get(f"/customers/trail/{customer_id}").text
    assert "شیراز" not in client.get(f"/orders/trail/{order_id}").text
    assert "شیراز" not in client.get(f"/follow-ups/trail/{key}").text


def test_untouched_rows_are_not_written(session, login, manager, row):
    client = login(manager)
    sent, _page = opened(client, row)
    versions = row.customer.row_version, row.order.row_version

    save(client, row, sent | {"next_at": format_datetime(now() + timedelta(days=2))})

    session.expire_all()
    assert (row.customer.row_version, row.order.row_version) == versions


def test_rest_has_the_next_contact_only(app):
    with app.test_request_context():
        section = next(each for each in app.appbuilder.baseviews if getattr(each, "slug", "") == "follow-ups")

        assert set(section.edit_form_class()(meta={"csrf": False})._fields) <= {"next_at", "csrf_token"}


class TestIcon:
    def test_stands_in_the_row_of_who_may_edit(self, login, consultant, row):
        page = login(consultant).get("/follow-ups/?tab=all").text

        assert 'data-edit-at="/follow-ups/edit/"' in page
        assert f'data-pk="{row.id}"' in page

    def test_not_where_a_click_opens_the_page(self, login, manager, row):
        assert "data-edit-at" not in login(manager).get("/customers/").text

    def test_not_for_who_may_only_read(self, session, login, manager, row, monkeypatch):
        from views.day.follow_up import section  # noqa: PLC0415

        monkeypatch.setattr(
            "app.panel.lists.table.permitted", lambda _view, permission: permission != "can_edit"
        )
        assert section.FollowUps.related_fields
        assert "data-edit-at" not in login(manager).get("/follow-ups/?tab=all").text
