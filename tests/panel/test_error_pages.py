"""Error pages keep the frame and what was typed; «back to the panel» leads to the first entry of one's own menu."""

import re
import time

import pytest
from flask import abort
from itsdangerous import TimestampSigner
from werkzeug.security import generate_password_hash

from app.extensions import db
from app.panel.section import Section
from models.organization import OrganizationStatus
from models.tenancy.scope import Actor, acting_as
from tests.factories import ProductFactory, member

HERE = {"Origin": "http://localhost"}
FRAMED = [400, 403, 404, 405, 409, 410, 413, 429]
ALONE = [500, 503]
HOMES = dict.fromkeys(("Consultant", "SupportAgent", "Manager", "Operator"), "/dashboard/")
WORDS = "یک جملهٔ خوب برای ورود"
LOGOUT, MENU = 'action="/logout/"', 'class="nav-groups"'


@pytest.fixture
def person(organization, manager):
    def of(role):
        home = None if role in {"Operator", "Admin"} else organization
        return member(role, home, f"{role}-someone")

    return of


def follow(browser, path):
    """The addresses that a browser goes through from *path*, and the last answer."""
    seen, answer = [path], browser.get(path)
    while answer.status_code in {301, 302, 303}:
        seen.append(answer.location)
        answer = browser.get(answer.location)
        assert len(seen) < 6, f"a loop: {seen}"
    return seen, answer


class TestU01Home:
    @pytest.mark.parametrize("role", HOMES)
    def test_is_the_first_entry_of_ones_own_menu(self, login, person, role):
        seen, answer = follow(login(person(role)), "/")

        assert (seen[-1], answer.status_code) == (HOMES[role], 200)
        entries = re.findall(r'<li><a href="([^"]+)"', answer.text)
        assert entries[:1] == [HOMES[role]]
        assert LOGOUT in answer.text

    @pytest.mark.parametrize("role", [*HOMES, "Admin"])
    def test_is_where_a_login_leads(self, app, session, person, role):
        someone, browser = person(role), app.test_client()
        someone.password = generate_password_hash(WORDS, "pbkdf2:sha256:1")
        session.commit()

        entered = browser.post("/login/", data={"username": someone.username, "password": WORDS})
        _seen, answer = follow(browser, entered.location)

        assert answer.status_code == 200
        assert LOGOUT in answer.text

    def test_of_an_admin_is_the_platforms_and_then_that_of_the_organisation(
        self, login, person, organization
    ):
        browser = login(person("Admin"))
        before, page = follow(browser, "/")
        entered = browser.post(f"/organizations/enter/{organization.id}")
        inside, there = follow(browser, entered.location)

        assert (page.status_code, there.status_code) == (200, 200)
        assert before[-1] == re.search(r'<li><a href="([^"]+)"', page.text)[1]
        assert inside[-1] == "/dashboard/"

    def test_moves_with_the_rights(self, session, login, person):
        """Without a role, a member still has the conversations of their organisation."""
        someone = person("SupportAgent")
        browser = login(someone)
        someone.roles = []
        session.commit()

        assert follow(browser, "/")[0][-1] == "/messages/"

    @pytest.mark.parametrize("role", [*HOMES, "Admin"])
    def test_is_what_back_to_the_panel_means(self, login, person, role):
        browser = login(person(role))
        page = browser.get("/no/such/page").text
        [back] = re.findall(r'<a class="btn[^"]*" href="([^"]+)">', page.partition('class="error-card"')[2])

        assert follow(browser, back)[1].status_code == 200


class TestU01ErrorPagesKeepTheFrame:
    @pytest.fixture
    def failing(self, monkeypatch):
        def fail(code):
            monkeypatch.setattr("app.panel.lists.routes.list_page", lambda *_args, **_more: abort(code))

        return fail

    @pytest.mark.parametrize("code", FRAMED)
    def test_with_menu_and_logout(self, login, manager, failing, code):
        failing(code)
        page = login(manager).get("/products/")

        assert page.status_code == code
        assert MENU in page.text
        assert LOGOUT in page.text
        assert 'href="/customers/"' in page.text
        assert page.headers["X-Request-ID"] in page.text

    @pytest.mark.parametrize("code", ALONE)
    def test_not_when_the_inside_failed(self, login, manager, failing, code):
        failing(code)
        page = login(manager).get("/products/")

        assert page.status_code == code
        assert MENU not in page.text

    @pytest.mark.parametrize("role", ["SupportAgent", "Operator"])
    @pytest.mark.parametrize("path", ["/orders/", "/no/such/page", "/console/", "/organizations/enter/1"])
    def test_for_each_role(self, login, person, role, path):
        page = login(person(role)).get(path)

        assert page.status_code in {403, 404, 405}
        assert LOGOUT in page.text

    def test_not_for_strangers(self, app, session):
        page = app.test_client().get("/no/such/page")

        assert page.status_code == 404
        assert MENU not in page.text
        assert LOGOUT not in page.text

    def test_not_in_an_open_page(self, login, manager):
        page = login(manager).get("/no/such/page", headers={"HX-Request": "true"})

        assert page.status_code == 404
        assert MENU not in page.text

    def test_not_for_a_member_of_a_suspended_organisation(self, session, login, manager, organization):
        organization.status = OrganizationStatus.SUSPENDED
        session.commit()
        page = login(manager).get("/no/such/page")

        assert MENU not in page.text
        assert LOGOUT in page.text

    def test_when_the_token_of_a_form_is_old(self, app, login, manager, monkeypatch):
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
        page = login(manager).post("/products/add", data={"title": "دوره"}, headers=HERE)

        assert page.status_code == 400
        assert MENU in page.text
        assert "<dd" in page.text

    def test_without_storing_what_the_request_had_begun(self, session, login, manager, monkeypatch):
        """The frame reads rows; what was not committed must not be stored by that."""
        row = ProductFactory(title="پیش از این")
        session.commit()

        def begin(self, *_args, **_more):
            db.session.get(self.model, row.id).title = None
            abort(404)

        monkeypatch.setattr("app.panel.lists.routes.list_page", begin)

        page = login(manager).get("/products/")

        assert page.status_code == 404
        assert MENU in page.text
        session.refresh(row)
        assert row.title == "پیش از این"


class TestU01WhatWasTypedIsShown:
    def ask(self, browser, path, headers=HERE, **data):
        return browser.post(path, data=data, headers=headers)

    def test_when_the_right_is_missing(self, login, consultant):
        page = self.ask(login(consultant), "/products/add", title="دوره تازه", code="K-7")

        assert page.status_code == 403
        assert re.search(r"<dt>عنوان</dt>\s*<dd><bdi>دوره تازه</bdi></dd>", page.text)
        assert "K-7" in page.text
        assert MENU in page.text

    def test_when_the_row_is_gone(self, login, manager):
        page = self.ask(login(manager), "/customers/edit/999", last_name="رضایی", note="<b>یادداشت</b>")

        assert page.status_code == 404
        assert "رضایی" in page.text
        assert "<b>یادداشت" not in page.text
        assert "&lt;b&gt;یادداشت" in page.text

    def test_when_somebody_was_quicker_it_can_be_sent_again(self, login, manager, monkeypatch):
        browser = login(manager)
        with monkeypatch.context() as patched:
            patched.setattr(Section, "save", lambda *_args, **_more: abort(409))
            page = self.ask(
                browser, "/products/add", title="دوره تازه", code="K-7", price="1000", is_active="y"
            )
        sent = dict(re.findall(r'<textarea name="([^"]+)" hidden>\n([^<]*)<', page.text))

        assert page.status_code == 409
        assert sent["code"] == "K-7"
        assert browser.post("/products/add", data=sent).status_code == 302

    @pytest.mark.parametrize(
        ("path", "secrets"),
        [
            ("/sms-providers/add", {"key": "راز یک"}),
            (
                "/no/such/page",
                {"password": "راز یک", "code": "راز دو", "key": "راز سه", "api_secret": "راز چهار"},
            ),
            ("/members/edit/999", {"password": "راز یک", "secret_key": "راز دو"}),
            ("/account/sessions/end/999", {"present": "راز یک", "again": "راز دو", "csrf_token": "راز سه"}),
        ],
    )
    def test_but_never_a_secret(self, login, manager, path, secrets):
        page = self.ask(login(manager), path, name="یک نام", **secrets)

        assert page.status_code in {403, 404}
        assert "یک نام" in page.text
        assert "راز" not in page.text

    def test_nor_what_another_site_wrote(self, login, consultant):
        page = self.ask(
            login(consultant), "/products/add", headers={"Origin": "https://evil.ir"}, title="دوره تازه"
        )

        assert page.status_code == 403
        assert "دوره تازه" not in page.text

    def test_nor_by_an_address(self, login, consultant):
        page = login(consultant).get("/products/add?title=دوره تازه", headers=HERE)

        assert "دوره تازه" not in page.text

    def test_a_body_that_is_too_large_is_a_page_of_its_own(self, app, login, manager, monkeypatch):
        monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 10)
        page = self.ask(login(manager), "/products/add", title="x" * 1000)

        assert page.status_code == 413
        assert MENU in page.text


def test_the_same_page_for_a_row_out_of_sight_and_one_that_is_not(
    login, manager, stranger_organization, session
):
    with acting_as(session, Actor(stranger_organization.id)):
        foreign = ProductFactory().id
    session.commit()
    browser = login(manager)
    pages = [
        browser.post(
            f"/products/edit/{key}", data={"title": "x y"}, headers=HERE | {"X-Request-ID": "same-for-both"}
        )
        for key in (foreign, 999_999)
    ]

    assert [page.status_code for page in pages] == [404, 404]
    assert pages[0].text == pages[1].text


def test_the_token_of_an_error_page_is_the_same_a_moment_later_and_is_taken(app, login, manager, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    browser = login(manager)
    # In the next half hour, as the cookie is signed in this one.
    started = (time.time() // 1800 + 1) * 1800 + 60
    tokens = []
    for seconds in (0, 90):
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self, at=started + seconds: int(at))
        page = browser.get("/no/such/page").text
        tokens.append(re.search(r'name="csrf-token" content="([^"]+)"', page)[1])

    assert tokens[0] == tokens[1]
    assert browser.post("/logout/", data={"csrf_token": tokens[0]}).status_code == 302
