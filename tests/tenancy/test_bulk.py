"""Inserts of many rows by one statement: sequence, defaults, texts, organisation and owner."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.lib.clock import now
from app.services.bulk import among, insert_all, insert_keyed
from models.assignment import Assignment, AssignmentMethod
from models.customer import Customer
from models.follow_up import FollowUp
from models.order import Order, OrderStatus
from models.tenancy.owner import ForeignRow
from models.tenancy.scope import actor_of, bind
from tests.factories import CustomerFactory, OrderFactory

TEXTS = [
    "ساده",
    "«گیومه» و \"quote\" 'x'",
    "نیم‌فاصله",
    "{}",
    "null",
    "\\u0000 \\",
    "خط\nدوم",
    "😀",
    "1.0",
    "",
]


def test_the_ids_have_the_sequence_of_the_rows(manager):
    order = OrderFactory()
    common = {"customer_id": order.customer_id, "product_id": order.product_id}

    keys = insert_keyed(Order, [common | {"quantity": number + 1} for number in range(300)])

    stored = dict(_all(select(Order.id, Order.quantity).where(Order.id != order.id)))
    assert [stored[key] for key in keys] == list(range(1, 301))


def test_texts_come_back_as_they_were(manager):
    order = OrderFactory()
    common = {"customer_id": order.customer_id, "product_id": order.product_id}

    keys = insert_keyed(Order, [common | {"note": each} for each in [*TEXTS, None]])

    stored = dict(_all(select(Order.id, Order.note)))
    assert [stored[key] for key in keys] == [*TEXTS, None]


@pytest.mark.parametrize("count", [3, 150])
def test_a_column_with_one_value_is_stored_in_each_row(manager, count):
    order = OrderFactory()
    moment = now() - timedelta(days=3)
    common = {
        "customer_id": order.customer_id,
        "product_id": order.product_id,
        "note": "برای همه",
        "status": OrderStatus.HELD,
        "is_repeat": True,
        "held_at": moment,
        "decided_at": None,
        "reference": None,
    }

    keys = insert_keyed(Order, [common | {"quantity": number + 1} for number in range(count)])

    names = ("quantity", *list(common)[2:])
    stored = {
        key: values
        for key, *values in db.session.execute(
            select(Order.id, *(getattr(Order, name) for name in names)).where(Order.id.in_(keys))
        )
    }
    assert [stored[key] for key in keys] == [
        [number + 1, *list(common.values())[2:]] for number in range(count)
    ]


def test_what_rows_leave_out_has_its_default(manager):
    order = OrderFactory()
    common = {"customer_id": order.customer_id, "product_id": order.product_id}

    named, bare = insert_keyed(Order, [common | {"reference": "آ ب‌ج"}, common])

    columns = (Order.reference_key, Order.reference, Order.status, Order.quantity, Order.row_version)
    stored = {key: tuple(values) for key, *values in _all(select(Order.id, *columns))}
    assert stored[named] == ("ابج", "آ ب‌ج", OrderStatus.NEW, 1, 1)
    assert stored[bare] == ("", None, OrderStatus.NEW, 1, 1)
    [(author, created_at)] = _all(select(Order.created_by_id, Order.created_at).where(Order.id == bare))
    assert (author, created_at is None) == (manager.id, False)


def test_a_default_may_repeat_another_column(manager, consultant):
    order = OrderFactory()
    line = {"order_id": order.id, "customer_id": order.customer_id, "to_member_id": consultant.id}

    insert_all(Assignment, [line | {"method": AssignmentMethod.MANUAL}])

    assert _all(select(Assignment.counted_customer_id)) == [(order.customer_id,)]


def test_a_row_of_another_organisation_is_refused(manager, stranger_organization):
    rows = [{"mobile": "+989120000001"}, {"mobile": "+989120000002"}]
    rows[1]["organization_id"] = stranger_organization.id

    with pytest.raises(ForeignRow):
        insert_all(Customer, rows)

    assert _all(select(func.count()).where(Customer.mobile.in_([each["mobile"] for each in rows]))) == [(0,)]


def test_who_has_own_rows_alone_adds_none_for_another(session, manager, consultant, colleague):
    order, other = OrderFactory(), OrderFactory()
    mine, theirs = (_follow_up(each, who) for each, who in ((order, consultant), (other, colleague)))
    bind(session, replace(actor_of(session), member_id=consultant.id, own=True))

    with pytest.raises(ForeignRow):
        insert_all(FollowUp, [mine, theirs])
    insert_all(FollowUp, [mine])

    assert _all(select(FollowUp.order_id, FollowUp.consultant_id)) == [(order.id, consultant.id)]


def test_nor_in_the_name_of_another(session, manager, consultant, colleague):
    bind(session, replace(actor_of(session), member_id=consultant.id, own=True))

    with pytest.raises(ForeignRow):
        insert_all(Customer, [{"mobile": "+989120000001", "created_by_id": colleague.id}])


def test_a_list_in_one_parameter_finds_its_rows_and_no_others(manager):
    names = ["{ساده}", 'با "گیومه"', "با, ویرگول", "NULL"]
    for name in [*names, "دیگر"]:
        CustomerFactory(first_name=name)

    found = select(Customer.first_name).where(among(Customer.first_name, names))
    none = select(Customer.id).where(among(Customer.first_name, []))

    assert {name for (name,) in _all(found)} == set(names)
    assert _all(none) == []


def _follow_up(order, person):
    return {
        "order_id": order.id,
        "customer_id": order.customer_id,
        "product_id": order.product_id,
        "consultant_id": person.id,
        "created_by_id": person.id,
    }


def _all(statement):
    return [tuple(row) for row in db.session.execute(statement)]
