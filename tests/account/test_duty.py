"""Duties before the first act: one check for pages, fragments, downloads, the console, token creation and REST."""

import pytest
from sqlalchemy import func, select
from werkzeug.security import generate_password_hash

from app.services.account.duty import Duty, first_duty
from app.services.account.token import make_token
from models.account import ApiToken, TokenScope
from models.organization import OrganizationStatus
from models.product import Product
from tests.factories import PASSWORD, ProductFactory, member
from tests.support.addresses import addresses

PASSWORD_PAGE, STEP_PAGE = "/account/password/", "/account/two-step/"
SUSPENDED, CLOSED = "سازمان شما تعلیق شده است", "سازمان شما بسته شده است"
NEW = {"title": "تازه", "code": "NEW-1", "price": "1000", "is_active": "y"}


@pytest.fixture
def owes(session, organization, manager, monkeypatch, app):
    """Make a duty due; returns the member who owes it."""

    def arise(duty):
        person = manager
        if duty is Duty.OWN_PASSWORD:
            person.must_change_password = True
        elif duty is Duty.SECOND_STEP:
            organization.managers_need_totp = True
        else:
            status = OrganizationStatus.DELETED if duty is Duty.CLOSED else OrganizationStatus.SUSPENDED
            organization.status = status
        session.commit()
        return person

    return arise


@pytest.fixture
def bearer(session):
    def make(person):
        _row, secret = make_token(person, name="آزمون", scope=TokenScope.WRITE, days=1)
        session.commit()
        return {"Authorization": f"Bearer {secret}"}

    return make


def count(session, model):
    return session.scalar(select(func.count()).select_from(model), execution_options={"unscoped": True})


def own_pages(duty):
    pages = {Duty.OWN_PASSWORD: {PASSWORD_PAGE}, Duty.SECOND_STEP: {STEP_PAGE, "/account/confirm/"}}
    return {"/logout/"} | pages.get(duty, set())


class TestS02DutiesComeBeforeEveryAddress:
    @pytest.mark.parametrize("duty", Duty)
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_no_address_works_but_the_duty_itself_and_the_logout(
        self, app, login, owes, manager, duty, method
    ):
        browser = login(manager)
        owes(duty)
        target = {Duty.OWN_PASSWORD: PASSWORD_PAGE, Duty.SECOND_STEP: STEP_PAGE}.get(duty)
        worked = []

        for rule, path in addresses(app):
            if path in own_pages(duty) or path.startswith(("/static/", "/api/")):
                continue
            answer = browser.open(path, method=method)
            refused = answer.status_code == 403 if target is None else answer.location == target
            if not refused:
                worked.append((rule.rule, answer.status_code, answer.location))

        assert worked == []

    @pytest.mark.parametrize("duty", Duty)
    def test_a_form_is_not_executed(self, session, login, owes, manager, duty):
        browser = login(manager)
        owes(duty)

        browser.post("/products/add", data=NEW)
        browser.post("/account/tokens/", data={"name": "برنامه", "scope": "write", "days": "30"})

        assert session.scalar(select(Product.id).where(Product.code == "NEW-1")) is None
        assert count(session, ApiToken) == 0

    @pytest.mark.parametrize("path", ["/no/such/page", "/products/", "/palette/rows?q=a", "/jobs/"])
    def test_an_open_page_is_left_for_the_duty(self, login, owes, manager, path):
        browser = login(manager)
        owes(Duty.SECOND_STEP)

        answer = browser.get(path, headers={"HX-Request": "true"})

        assert (answer.status_code, answer.headers["HX-Redirect"], answer.text) == (403, STEP_PAGE, "")

    def test_the_console_of_an_admin_waits_for_the_second_step(self, app, session, login, monkeypatch):
        root = member("Admin", None, "root")
        browser = login(root)
        assert browser.get("/console/").status_code == 200

        monkeypatch.setitem(app.config, "APP_ENV", "production")

        assert browser.get("/console/").location == STEP_PAGE
        assert browser.post("/organizations/add", data={"name": "x"}).location == STEP_PAGE

    def test_the_duty_done_opens_everything_again(self, session, login, owes, manager):
        browser = login(manager)
        owes(Duty.SECOND_STEP)
        assert browser.get("/products/").location == STEP_PAGE

        manager.totp_secret = "sealed"
        session.commit()

        assert browser.get("/products/").status_code == 200

    def test_another_organisations_members_owe_nothing(self, login, owes, stranger_organization):
        stranger = member("Manager", stranger_organization)
        owes(Duty.SECOND_STEP)

        assert login(stranger).get("/products/").status_code == 200

    def test_a_consultant_owes_no_second_step_where_managers_do(self, login, owes, consultant):
        owes(Duty.SECOND_STEP)

        assert login(consultant).get("/follow-ups/").status_code == 200


class TestS02TokensOfBeforeStopToo:
    @pytest.mark.parametrize("duty", Duty)
    def test_reads_and_writes_are_forbidden_with_a_sentence(self, app, session, owes, manager, bearer, duty):
        headers, client = bearer(manager), app.test_client()
        assert client.get("/api/v1/products/", headers=headers).status_code == 200
        owes(duty)

        read = client.get("/api/v1/products/", headers=headers)
        written = client.post("/api/v1/products/", json={"title": "تازه", "code": "NEW-1"}, headers=headers)
        unknown = client.get("/api/v1/no-such/", headers=headers)

        assert [each.status_code for each in (read, written, unknown)] == [403, 403, 403]
        assert read.mimetype == "application/problem+json"
        assert read.json["title"] not in {"", "شما به این بخش دسترسی ندارید."}
        assert read.json["request_id"] == read.headers["X-Request-ID"]
        assert session.scalar(select(Product.id).where(Product.code == "NEW-1")) is None

    def test_they_work_again_afterwards(self, app, session, owes, manager, bearer):
        headers, client = bearer(manager), app.test_client()
        owes(Duty.OWN_PASSWORD)
        assert client.get("/api/v1/products/", headers=headers).status_code == 403

        manager.must_change_password = False
        session.commit()

        assert client.get("/api/v1/products/", headers=headers).status_code == 200

    def test_those_of_another_organisation_go_on(self, app, owes, bearer, stranger_organization):
        headers = bearer(member("Manager", stranger_organization))
        owes(Duty.SUSPENDED)

        assert app.test_client().get("/api/v1/products/", headers=headers).status_code == 200

    def test_those_of_a_member_who_is_not_active_are_unknown(self, app, session, manager, bearer):
        headers = bearer(manager)
        manager.active = False
        session.commit()

        assert app.test_client().get("/api/v1/products/", headers=headers).status_code == 401


class TestS09ASuspendedOrganisationSaysSo:
    @pytest.mark.parametrize(("duty", "words"), [(Duty.SUSPENDED, SUSPENDED), (Duty.CLOSED, CLOSED)])
    @pytest.mark.parametrize("path", ["/", "/products/", "/settings/organization/", "/account/", "/nowhere"])
    def test_on_every_page_between_two_requests(self, login, owes, manager, duty, words, path):
        ProductFactory()
        browser = login(manager)
        browser.get("/products/")
        owes(duty)

        answer = browser.get(path)

        assert answer.status_code == 403
        assert words in answer.text
        assert 'action="/logout/"' in answer.text
        assert "data-pk" not in answer.text

    def test_to_a_member_who_logs_in_and_they_can_log_out(self, app, owes, manager):
        manager.password = generate_password_hash(PASSWORD, "pbkdf2:sha256:1")
        owes(Duty.SUSPENDED)
        browser = app.test_client()

        entered = browser.post("/login/", data={"username": manager.username, "password": PASSWORD})
        page = browser.get(entered.location)
        browser.post("/logout/")

        assert (entered.status_code, page.status_code) == (302, 403)
        assert SUSPENDED in page.text
        assert browser.get("/").location.startswith("/login/")

    def test_in_an_open_page_as_a_toast(self, login, owes, manager):
        browser = login(manager)
        owes(Duty.SUSPENDED)

        answer = browser.post("/account/presence", headers={"HX-Request": "true"})

        assert answer.status_code == 403
        assert "toast" in answer.headers["HX-Trigger"]

    def test_also_where_the_token_of_a_form_is_old(self, app, login, owes, manager, monkeypatch):
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
        browser = login(manager)
        owes(Duty.SUSPENDED)

        refused, left = browser.post("/products/add", data=NEW), browser.post("/logout/")

        assert (refused.status_code, left.status_code) == (403, 400)
        assert SUSPENDED in refused.text
        assert 'class="nav-groups"' not in left.text

    def test_not_to_others(self, login, owes, stranger_organization):
        stranger = member("Manager", stranger_organization)
        owes(Duty.SUSPENDED)

        page = login(stranger).get("/products/")

        assert page.status_code == 200
        assert SUSPENDED not in page.text


def test_a_suspended_organisation_comes_first_and_then_the_password(organization, manager):
    manager.must_change_password, organization.managers_need_totp = True, True
    owed = []
    for status in (OrganizationStatus.SUSPENDED, OrganizationStatus.ACTIVE):
        organization.status = status
        owed.append(first_duty(manager, {"Manager"}, in_production=False))
    manager.must_change_password = False
    owed.append(first_duty(manager, {"Manager"}, in_production=False))
    manager.totp_secret = "sealed"
    owed.append(first_duty(manager, {"Manager"}, in_production=False))

    assert owed == [Duty.SUSPENDED, Duty.OWN_PASSWORD, Duty.SECOND_STEP, None]
