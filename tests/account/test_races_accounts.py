"""Races about accounts and rights: links used twice, passwords guessed in a rush, roles and admins that meet."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.extensions import appbuilder
from app.services.account.login import ACCOUNT
from app.services.account.reset import make_link_token
from models.account import LoginEvent, LoginOutcome
from models.mail import MailKind, OutgoingMail
from models.member import Member
from models.order import Order
from models.role import ExtraRole
from tests import factories
from tests.factories import ProductFactory
from tests.support.pages import untouched
from tests.support.racing import at_once

pytestmark = pytest.mark.postgresql

ROUNDS = 20
RUSH = 40
READ = ["Products can_list", "Products can_show"]


def test_r01_a_form_that_is_sent_twice_at_once_adds_one_row_and_both_see_it(arena):
    arena.member("Manager", "nasrin")
    browser = arena.browser("nasrin")
    with arena.actor():
        product = ProductFactory().id

    for turn in range(ROUNDS):
        form = untouched(browser.get("/orders/add").text)
        data = form | {"mobile": f"0912{turn:07d}", "product": product, "quantity": "1"}
        clicks = [arena.same_browser(browser) for _ in range(2)]
        answers = at_once(*(partial(click.post, "/orders/add", data=data) for click in clicks))

        keys = [row.id for row in arena.all(select(Order.id))]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert len(keys) == turn + 1
        assert f"/orders/show/{max(keys)}" in {answer.location for answer in answers}


def test_r12_of_two_browsers_that_use_a_link_at_once_one_succeeds(arena):
    person = arena.member("Consultant", "sara")
    stored = select(Member.password, Member.session_epoch).where(Member.id == person)

    for turn in range(1, 6):
        with arena.actor() as session:
            token = make_link_token(session.get(Member, person))
        words = [f"جملهٔ شمارهٔ {turn} از {number}" for number in range(2)]
        answers = at_once(
            *(
                partial(
                    arena.app.test_client().post,
                    f"/reset-password/{token}",
                    data={"password": new, "again": new},
                )
                for new in words
            )
        )

        [now_stored] = arena.all(stored)
        codes = [answer.status_code for answer in answers]
        assert sorted(codes) == [302, 410]
        assert check_password_hash(now_stored.password, words[codes.index(302)])
        assert now_stored.session_epoch == turn
    told = arena.all(select(OutgoingMail.id).where(OutgoingMail.kind == MailKind.PASSWORD_CHANGED))
    assert len(told) == turn


def test_r13_forty_wrong_logins_at_once_are_all_counted_and_lock(arena, monkeypatch):
    monkeypatch.setitem(arena.app.config, "LIMITS", True)
    person = arena.member("Consultant", "sara")

    def log_in(password: str) -> int:
        data = {"username": "sara", "password": password}
        return arena.app.test_client().post("/login/", data=data).status_code

    codes = Counter(at_once(*[partial(log_in, "نادرست")] * RUSH))
    right_one = log_in(factories.PASSWORD)

    events = arena.all(select(LoginEvent.outcome).where(LoginEvent.member_id == person))
    assert codes == {422: ACCOUNT.most, 429: RUSH - ACCOUNT.most}
    assert right_one == 429
    assert Counter(event.outcome for event in events) == {
        LoginOutcome.WRONG: ACCOUNT.most,
        LoginOutcome.LOCKED: RUSH - ACCOUNT.most + 1,
    }


class TestRoles:
    @pytest.fixture
    def browsers(self, arena):
        """The maker of a role, in two browsers, and the role."""
        arena.member("Manager", "nasrin")
        browsers = [arena.browser("nasrin") for _ in range(2)]
        browsers[0].post("/roles/add", data={"title": "بازبین", "right": READ})
        return browsers

    def key(self, arena) -> int:
        [role] = arena.all(select(ExtraRole.id))
        return role.id

    def rights(self, arena) -> set[str]:
        [role] = arena.all(select(Role).join(ExtraRole, ExtraRole.role_id == Role.id))
        return {
            f"{pair.view_menu.name} {pair.permission.name}"
            for pair in arena.session.merge(role[0]).permissions
        }

    def test_r03_two_who_edit_a_role_at_once_lose_nothing(self, arena, browsers):
        url = f"/roles/edit/{self.key(arena)}"
        added = ["Customers can_list", "Orders can_list"]

        for _turn in range(5):
            forms = [untouched(browser.get(url).text) | {"title": "بازبین"} for browser in browsers]
            answers = at_once(
                *(
                    partial(browser.post, url, data=form | {"right": [*READ, new]})
                    for browser, form, new in zip(browsers, forms, added, strict=True)
                )
            )
            loser = next(n for n, answer in enumerate(answers) if answer.status_code == 409)
            told = answers[loser].text
            ticked = [
                right for right in (*READ, *added) if f'value="{right}"' in told and _is_ticked(told, right)
            ]
            merged = browsers[loser].post(url, data=untouched(told) | {"title": "بازبین", "right": ticked})

            assert sorted(answer.status_code for answer in answers) == [302, 409]
            assert "هم‌زمان" in told
            assert merged.status_code == 302
            assert self.rights(arena) == {*READ, *added}
            browsers[0].post(url, data={"title": "بازبین", "right": READ})

    def test_r05_an_edit_does_not_bring_a_deleted_role_back(self, arena, browsers):
        for turn in range(5):
            key = self.key(arena)
            url = f"/roles/edit/{key}"
            form = untouched(browsers[0].get(url).text) | {"title": f"نو {turn}", "right": READ}
            edited, deleted = at_once(
                partial(browsers[0].post, url, data=form), partial(browsers[1].post, f"/roles/delete/{key}")
            )

            left = arena.all(select(ExtraRole.id).where(ExtraRole.id == key))
            assert edited.status_code in {302, 404}
            assert deleted.status_code in {302, 409}
            assert (deleted.status_code == 409) == bool(left)
            browsers[0].post(f"/roles/delete/{key}")
            browsers[0].post("/roles/add", data={"title": "بازبین", "right": READ})

    def test_r23_a_role_edited_through_its_page_breaks_no_request_of_who_holds_it(self, arena, browsers):
        sara, url = arena.member("Consultant", "sara"), f"/roles/edit/{self.key(arena)}"
        with arena.actor() as session:
            session.get(Member, sara).roles = [session.scalars(select(ExtraRole)).one().role]
        holders = [arena.browser("sara") for _ in range(4)]

        def edit() -> list[int]:
            turns = [READ, [*READ, "Products can_add"]] * 5
            return [
                browsers[0].post(url, data={"title": "بازبین", "right": right}).status_code for right in turns
            ]

        def ask(browser) -> list[int]:
            return [browser.get("/products/add").status_code for _ in range(5)]

        edits, *answers = at_once(edit, *(partial(ask, holder) for holder in holders))
        after = holders[0].get("/products/add").status_code
        browsers[0].post(url, data={"title": "بازبین", "right": READ})
        withdrawn = holders[0].get("/products/add").status_code

        assert set(edits) == {302}
        assert {code for codes in answers for code in codes} <= {200, 403}
        assert (after, withdrawn) == (200, 403)


def _is_ticked(page: str, right: str) -> bool:
    tag = page[page.index(f'value="{right}"') :]
    return "checked" in tag[: tag.index(">")]


class TestTheLastAdmin:
    """Two admins who act on one another, by page or by list: one of them stays, whoever was quicker."""

    @pytest.fixture
    def demotion(self):
        operator = str(appbuilder.sm.find_role("Operator").id)
        names = {"first_name": "a", "last_name": "b", "role": operator}

        def post(browser, key):
            return browser.post(f"/members/edit/{key}", data=names | {"email": f"{key}@example.ir"})

        return post

    @pytest.fixture
    def deactivation(self):
        return lambda browser, key: browser.post(f"/members/delete/{key}")

    def admins(self, arena) -> list[int]:
        statement = select(Member.id).join(Member.roles).where(Role.name == "Admin", Member.active.is_(True))
        return [row.id for row in arena.all(statement)]

    @pytest.mark.parametrize(
        "acts", ["demotion demotion", "deactivation deactivation", "demotion deactivation"]
    )
    def test_r24_stays_when_both_act_on_the_other_at_once(self, arena, request, acts):
        first, second = (request.getfixturevalue(name) for name in acts.split())

        for turn in range(5):
            keys = [arena.admin(f"root-{turn}-{number}") for number in range(2)]
            browsers = [arena.browser(f"root-{turn}-{number}") for number in range(2)]
            answers = at_once(partial(first, browsers[0], keys[1]), partial(second, browsers[1], keys[0]))

            left = self.admins(arena)
            assert len(left) == 1
            assert {answer.status_code for answer in answers} <= {302, 403, 404, 409, 422}
            with arena.actor() as session:
                session.get(Member, left[0]).active = False
