"""Writers who meet: whatever the interleaving, one wins, the other is told, and nothing is lost in silence."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app.lib.clock import now
from app.lib.jalali import format_datetime
from models.assignment import Assignment
from models.customer import Customer
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order, OrderStatus
from models.product import Product
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, ProductFactory
from tests.support.pages import ticks, untouched
from tests.support.racing import at_once

pytestmark = pytest.mark.postgresql

ROUNDS = 20


@pytest.fixture
def managers(arena):
    """Two managers, logged in."""
    for name in ("nasrin", "parviz"):
        arena.member("Manager", name)
    return [arena.browser("nasrin"), arena.browser("parviz")]


@pytest.fixture
def consultant(arena) -> int:
    return arena.member("Consultant", "sara", first_name="سارا", last_name="محمدی")


def test_r02_an_order_that_two_managers_assign_has_one_consultant(arena, managers, consultant):
    people = {consultant: "سارا محمدی"}
    other = arena.member("Consultant", "amir", first_name="امیر", last_name="حسینی")
    people[other] = "امیر حسینی"
    with arena.actor():
        customer, product = CustomerFactory(), ProductFactory()
        keys = [OrderFactory(customer=customer, product=product).id for _ in range(ROUNDS)]

    for key in keys:
        first, second = at_once(
            *(
                partial(browser.post, f"/orders/action/assign/{key}", data={"_step": "run", "member": member})
                for browser, member in zip(managers, people, strict=True)
            )
        )

        [owner] = arena.all(select(FollowUp.consultant_id).where(FollowUp.order_id == key))
        [line] = arena.all(select(Assignment.to_member_id).where(Assignment.order_id == key))
        refused = first if first.status_code == 409 else second
        assert sorted([first.status_code, second.status_code]) == [302, 409]
        assert f"این سفارش هم‌زمان به {people[owner[0]]} انتساب داده شد" in refused.text
        assert line == owner


@pytest.fixture
def race_to_edit(arena, managers):
    """Lets both managers load a product's form and send it, each with his change, together."""

    def race(key: int, *changes: dict[str, str]):
        url = f"/products/edit/{key}"
        forms = [untouched(browser.get(url).text) for browser in managers]
        [shown] = arena.all(select(Product.title, Product.code).where(Product.id == key))
        typed = {"title": shown.title, "code": shown.code, "is_active": "y"}
        return at_once(
            *(
                lambda browser=browser, form=form, change=change: browser.post(
                    url, data=form | typed | change
                )
                for browser, form, change in zip(managers, forms, changes, strict=True)
            )
        )

    return race


def test_r03_different_fields_of_two_editors_are_both_there_after_the_merge(arena, managers, race_to_edit):
    with arena.actor():
        key = ProductFactory().id

    for turn in range(ROUNDS):
        answers = race_to_edit(key, {"title": f"عنوان {turn}"}, {"code": f"K-{turn}"})
        loser = next(n for n, answer in enumerate(answers) if answer.status_code == 409)
        merged = managers[loser].post(f"/products/edit/{key}", data=untouched(answers[loser].text))

        assert sorted(answer.status_code for answer in answers) == [302, 409]
        assert merged.status_code == 302
        assert arena.all(select(Product.title, Product.code).where(Product.id == key)) == [
            (f"عنوان {turn}", f"K-{turn}")
        ]


def test_r04_the_same_field_of_two_editors_is_never_overwritten_unseen(arena, race_to_edit):
    with arena.actor():
        key = ProductFactory().id

    for turn in range(ROUNDS):
        titles = [f"الف {turn}", f"ب {turn}"]
        answers = race_to_edit(key, *({"title": title} for title in titles))
        winner = next(n for n, answer in enumerate(answers) if answer.status_code == 302)

        refused = answers[1 - winner]
        assert refused.status_code == 409
        assert all(title in refused.text for title in titles)
        assert arena.all(select(Product.title).where(Product.id == key)) == [(titles[winner],)]


def test_r05_an_edit_does_not_bring_a_deleted_row_back(arena, managers):
    with arena.actor():
        keys = [row.id for row in ProductFactory.create_batch(ROUNDS)]

    for key in keys:
        url = f"/products/edit/{key}"
        form = untouched(managers[0].get(url).text) | {"title": "نو", "code": f"N-{key}", "is_active": "y"}
        edited, deleted = at_once(
            partial(managers[0].post, url, data=form),
            partial(managers[1].post, f"/products/delete/{key}"),
        )

        [row] = arena.all(select(Product.title, Product.deleted_at).where(Product.id == key))
        assert edited.status_code in {302, 404}
        assert deleted.status_code == 302
        assert row.deleted_at is not None
        assert (row.title == "نو") == (edited.status_code == 302)


def test_r06_a_bulk_deletion_leaves_what_was_edited_meanwhile(arena, managers, consultant):
    with arena.actor(consultant):
        product = ProductFactory()

    for _ in range(ROUNDS):
        with arena.actor(consultant):
            product = arena.session.merge(product)
            rows = FollowUpFactory.create_batch(4, order__product=product, order__customer=CustomerFactory())
            keys = [row.id for row in rows]
        url, form, sent = _edit_and_removal(managers, keys)
        edited, removed = at_once(
            partial(managers[0].post, url, data=form),
            partial(managers[1].post, "/follow-ups/action_post", data=sent, headers={"HX-Request": "true"}),
        )

        alive = arena.all(select(FollowUp.id).where(FollowUp.id.in_(keys), FollowUp.deleted_at.is_(None)))
        said = json.loads(removed.headers["HX-Trigger"])["toast"]["text"]
        assert edited.status_code in {302, 404}
        assert alive == ([(keys[0],)] if edited.status_code == 302 else [])
        assert said == ("3 پیگیری حذف شد، 1 تغییر کرده بود." if alive else "4 پیگیری حذف شد.")


def _edit_and_removal(managers, keys):
    """The open form of the first row, and all rows ticked in the list."""
    url = f"/follow-ups/edit/{keys[0]}"
    form = untouched(managers[0].get(url).text) | {"next_at": format_datetime(now() + timedelta(days=1))}
    shown = ticks(managers[1].get("/follow-ups/?tab=all&size=100").text)
    return url, form, {"action": "remove", "_step": "run", "rowid": keys} | shown


def test_r11_two_consultants_with_one_new_number_place_one_order_and_one_repeat(arena, consultant):
    arena.member("Consultant", "amir")
    browsers = [arena.browser("sara"), arena.browser("amir")]
    with arena.actor():
        product = ProductFactory().id

    for turn in range(ROUNDS):
        data = {"mobile": f"0912{turn:07d}", "product": product, "quantity": "1"}
        answers = at_once(*(partial(b.post, "/orders/add", data=data) for b in browsers))

        placed = arena.all(
            select(Order.is_repeat, Order.status)
            .join(Customer, Order.customer_id == Customer.id)
            .where(Customer.mobile == f"+98912{turn:07d}")
        )
        assert [answer.status_code for answer in answers] == [302, 302]
        assert sorted(row.is_repeat for row in placed) == [False, True]
        assert {row.status for row in placed} == {OrderStatus.ASSIGNED, OrderStatus.HELD}


def test_r22_a_code_that_two_give_at_once_is_an_error_at_the_field_for_one(arena, managers):
    for turn in range(ROUNDS):
        data = {"title": "دوره", "code": f"C-{turn}", "is_active": "y"}
        answers = at_once(*(partial(b.post, "/products/add", data=data) for b in managers))

        refused = max(answers, key=lambda answer: answer.status_code)
        assert sorted(answer.status_code for answer in answers) == [302, 422]
        assert 'id="code-error"' in refused.text
        assert len(arena.all(select(Product.id).where(Product.code == f"C-{turn}"))) == 1


def test_r22_a_user_name_that_two_give_at_once_is_an_error_at_the_field_for_one(arena, managers, consultant):
    role = arena.all(select(Role.id).where(Role.name == "Consultant"))[0].id

    for turn in range(5):
        data = {"first_name": "نو", "last_name": "نفر", "username": f"new-{turn}", "role": str(role)}
        emails = [f"{turn}-{number}@example.ir" for number in range(2)]
        answers = at_once(
            *(
                partial(browser.post, "/members/add", data=data | {"email": email})
                for browser, email in zip(managers, emails, strict=True)
            )
        )

        refused = max(answers, key=lambda answer: answer.status_code)
        assert sorted(answer.status_code for answer in answers) == [302, 422]
        assert 'id="username-error"' in refused.text
        assert len(arena.all(select(Member.id).where(Member.username == f"new-{turn}"))) == 1


def test_u02_a_first_login_and_a_round_robin_at_once_both_come_through(arena):
    """Who logs in just then may get a share or none; every order has exactly one consultant."""
    for role, name in (("Manager", "nasrin"), ("Consultant", "present")):
        arena.member(role, name)
    manager = arena.browser("nasrin")

    for turn in range(ROUNDS):
        arena.member("Consultant", f"new-{turn}", last_login=None)
        with arena.actor():
            customer, product = CustomerFactory(), ProductFactory()
            keys = [OrderFactory(customer=customer, product=product).id for _ in range(4)]
        act = {"action": "assign_in_turn", "_step": "run", "rowid": [str(key) for key in keys]}
        dealt, browser = at_once(
            partial(manager.post, "/orders/action_post", data=act), partial(arena.browser, f"new-{turn}")
        )

        owners = arena.all(select(FollowUp.order_id).where(FollowUp.order_id.in_(keys)))
        assert dealt.status_code == 302
        assert browser.get("/account/").status_code == 200
        assert sorted(key for (key,) in owners) == keys


def test_two_managers_decide_on_one_repeat_once(arena, managers, consultant):
    """Different decisions at once: one is taken, the other is refused; the order has one follow-up at most."""
    for turn in range(ROUNDS):
        with arena.actor(consultant):
            first = FollowUpFactory(order__customer=CustomerFactory(), consultant_id=consultant).order
            order = OrderFactory(
                customer=first.customer,
                product=first.product,
                status=OrderStatus.HELD,
                is_repeat=True,
                repeat_of_id=first.id,
            )
            key = order.id
        names = [("attach", "same_consultant"), ("not_repeat", "same_consultant"), ("attach", "attach")][
            turn % 3
        ]
        answers = at_once(
            *(
                partial(
                    browser.post,
                    f"/repeated-orders/action/{name}/{key}",
                    data={"_step": "run"},
                    headers={"HX-Request": "true"},
                )
                for browser, name in zip(managers, names, strict=True)
            )
        )

        levels = [json.loads(answer.headers["HX-Trigger"])["toast"]["level"] for answer in answers]
        [row] = arena.all(select(Order.status, Order.repeat_decision).where(Order.id == key))
        work = arena.all(select(FollowUp.id).where(FollowUp.order_id == key))
        winner = names[levels.index("success")]
        assert sorted(levels) == ["danger", "success"]
        assert row.repeat_decision.value == winner.replace("attach", "attached")
        assert len(work) == (1 if winner == "same_consultant" else 0)
