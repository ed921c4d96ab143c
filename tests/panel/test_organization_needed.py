"""A member who acts in no organisation: hints instead of rows, refusals instead of errors, nothing typed is lost."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from app.services.account.token import make_token
from models.account import TokenScope
from models.organization import OrganizationStatus
from models.product import Product
from tests.factories import ProductFactory, member
from tests.support.addresses import addresses

COOKIE, LOGOUT = "ava", "Login.logout"
HERE = {"Origin": "http://localhost"}
CHOOSE, NO_ORGANIZATION = "سازمان را انتخاب کنید", "عضو هیچ سازمانی نیست"
PRODUCT = {"title": "دوره تازه", "code": "NEW-1", "price": "1000", "is_active": "y"}
READS = ("", "add", "edit/1", "show/1", "trail/1", "print", "filters", "table", "views", "list/")
SECTIONS = ("products", "customers", "orders", "follow-ups", "sms-templates", "campaigns", "audit", "imports")
PAGES = (
    *("/sms-templates/add", "/sms-templates/customers?q=a", "/follow-ups/lookup/consultant", "/trash/"),
    *("/settings/organization/", "/settings/sms-variables/", "/imports/preview/1", "/campaigns/progress/1"),
    *("/roles/add", "/roles/edit/1", "/jobs/", "/exports/", "/customers/1/files", "/sms-quotas/"),
    "/reports/final-sales/",
    "/reports/overall/",
)
# Rights that no section declares, so that even an Admin has none of them anywhere.
UNHELD = {("follow-ups", "add"), ("imports", "edit/1")} | {
    (slug, "trail/1") for slug in ("products", "sms-templates", "imports")
}
WRITES = (
    *("/sms-templates/preview", "/products/action_post", "/products/action/remove/1", "/customers/add"),
    *("/settings/organization/", "/settings/sms-variables/add", "/roles/add", "/trash/restore/products"),
    *("/follow-ups/1/result", "/imports/add", "/customers/1/files/add", "/campaigns/send/follow-ups"),
    *("/orders/export", "/exports/1/cancel", "/products/inline/1/title"),
)


@pytest.fixture
def root(session):
    return member("Admin", None, "root")


@pytest.fixture
def admin(login, root):
    return login(root)


def resent(page: str) -> dict[str, str]:
    """What «send again» sends."""
    return {
        name: unescape(text) for name, text in re.findall(r'<textarea name="([^"]+)" hidden>\n([^<]*)<', page)
    }


def logged_in(login, person):
    browser = login(person)
    return browser, browser.get_cookie(COOKIE).value


def suspend(session, organization):
    organization.status = OrganizationStatus.SUSPENDED
    session.commit()


class TestS05NoAddressFailsWithoutAnOrganisation:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize("role", ["Admin", "Operator"])
    @pytest.mark.parametrize("fragment", [False, True])
    def test_every_rule(self, app, login, manager, method, role, fragment):
        ProductFactory()
        person = member(role, None, "somebody")
        headers = {"HX-Request": "true"} if fragment else {}
        failed = []

        browser, cookie = logged_in(login, person)
        for rule, path in addresses(app):
            # Each starts from the same cookie: some addresses choose an organisation.
            browser.set_cookie(COOKIE, cookie)
            answer = browser.open(path, method=method, headers=headers)
            if rule.endpoint == LOGOUT:
                browser, cookie = logged_in(login, person)
            assert rule.endpoint.startswith("Login.") or answer.location != "/login/", rule
            if answer.status_code >= 500:
                failed.append((rule.rule, answer.status_code))

        assert failed == []

    @pytest.mark.parametrize("role", ["Admin", "Operator"])
    def test_every_rule_of_rest(self, app, session, role):
        person = member(role, None, "somebody")
        _row, secret = make_token(person, name="آزمون", scope=TokenScope.WRITE, days=1)
        session.commit()
        headers = {"Authorization": f"Bearer {secret}", "If-Match": "*"}
        failed = []

        for rule, path in addresses(app):
            for method in rule.methods & {"GET", "POST", "PUT", "DELETE"} if "/api/" in path else ():
                answer = app.test_client().open(path, method=method, json={}, headers=headers)
                if answer.status_code >= 500:
                    failed.append((rule.rule, method, answer.status_code))

        assert failed == []


class TestS05AHintStandsInsteadOfRows:
    @pytest.mark.parametrize("slug", SECTIONS)
    @pytest.mark.parametrize("sub", READS)
    def test_in_every_section_of_an_organisation(self, app, admin, slug, sub):
        path = f"/{slug}/{sub}"
        if not app.url_map.bind("localhost").test(path, "GET"):
            return

        answer = admin.get(path)

        if (slug, sub) in UNHELD:
            assert answer.status_code == 403
            return
        assert answer.status_code == 200
        assert CHOOSE in answer.text
        assert 'class="btn btn-primary" href="/organizations/"' in answer.text

    @pytest.mark.parametrize("path", PAGES)
    def test_on_every_page(self, admin, path):
        answer = admin.get(path)

        assert answer.status_code == 200
        assert CHOOSE in answer.text

    def test_in_an_open_page_without_another_frame(self, admin):
        answer = admin.get("/products/", headers={"HX-Request": "true"})

        assert CHOOSE in answer.text
        assert "<html" not in answer.text

    @pytest.mark.parametrize(
        "path", ["/organizations/", "/members/", "/sms-providers/", "/roles/", "/console/"]
    )
    def test_not_in_what_belongs_to_the_platform(self, admin, path):
        assert CHOOSE not in admin.get(path).text

    def test_not_for_who_has_no_right(self, login, session):
        assert login(member("Operator", None)).get("/products/").status_code == 403

    def test_without_a_link_for_who_may_choose_none(self, login, session):
        page = login(member("Operator", None)).get("/jobs/")

        assert page.status_code == 200
        assert NO_ORGANIZATION in page.text
        assert "/organizations/" not in page.text

    def test_names_the_organisation_that_was_suspended_meanwhile(self, session, admin, organization, manager):
        row = ProductFactory()
        admin.post(f"/organizations/enter/{organization.id}")
        assert f'data-pk="{row.id}"' in admin.get("/products/").text
        suspend(session, organization)

        read, written = admin.get("/products/"), admin.post("/products/add", data=PRODUCT)

        assert f"{organization.name} تعلیق شده است" in read.text
        assert (read.status_code, written.status_code) == (200, 409)
        assert f'data-pk="{row.id}"' not in read.text
        assert 'href="/products/"' not in read.text
        assert 'action="/organizations/leave"' in read.text


class TestS05TheMenuShowsWhatCanBeUsed:
    def test_sections_of_an_organisation_come_with_it(self, admin, organization):
        tenant = ['href="/products/"', 'href="/audit/"', 'href="/settings/organization/"', 'href="/trash/"']
        before = admin.get("/organizations/").text
        admin.post(f"/organizations/enter/{organization.id}")
        inside = admin.get("/organizations/").text
        admin.post("/organizations/leave")
        after = admin.get("/organizations/").text

        assert [each in before for each in tenant] == [False] * 4
        assert [each in inside for each in tenant] == [True] * 4
        assert [each in after for each in tenant] == [False] * 4
        assert 'href="/organizations/"' in before

    def test_so_does_what_the_palette_adds(self, admin, organization):
        before = admin.get("/palette/").text
        admin.post(f"/organizations/enter/{organization.id}")

        assert "/products/add" not in before
        assert "/organizations/add" in before
        assert "/products/add" in admin.get("/palette/").text

    def test_members_of_an_organisation_have_theirs(self, login, manager):
        assert 'href="/products/"' in login(manager).get("/customers/").text


class TestS05NothingTypedIsLost:
    @pytest.mark.parametrize("path", WRITES)
    def test_a_write_is_refused(self, admin, path):
        answer = admin.post(path, data={"title": "یک نوشته", "action": "remove"}, headers=HERE)

        assert answer.status_code == 409
        assert CHOOSE in answer.text
        assert "/organizations/" in answer.text
        assert "نوشته" in answer.text

    def test_it_can_be_sent_again_once_an_organisation_is_chosen(self, session, admin, organization):
        page = admin.post(
            "/products/add", data=PRODUCT | {"csrf_token": "x", "password": "راز"}, headers=HERE
        )
        sent = resent(page.text)
        admin.post(f"/organizations/enter/{organization.id}")

        assert sent == PRODUCT
        assert "راز" not in page.text
        assert admin.post("/products/add", data=sent).status_code == 302
        rows = session.execute(
            select(Product.organization_id).where(Product.code == "NEW-1"),
            execution_options={"unscoped": True},
        )
        assert rows.scalars().all() == [organization.id]

    def test_it_can_be_read_beside_its_label(self, admin):
        page = admin.post("/customers/add", data={"last_name": "رضایی", "mobile": "0912"}, headers=HERE).text

        assert re.search(r"<dt>نام خانوادگی</dt>\s*<dd><bdi>رضایی</bdi></dd>", page)

    def test_an_open_page_stays_and_says_so(self, admin):
        answer = admin.post("/products/add", data=PRODUCT, headers=HERE | {"HX-Request": "true"})

        assert (answer.status_code, answer.headers["HX-Reswap"]) == (409, "none")
        assert "toast" in answer.headers["HX-Trigger"]

    def test_what_another_site_wrote_does_not_come_back(self, admin):
        answer = admin.post("/products/add", data=PRODUCT, headers={"Origin": "https://evil.ir"})

        assert answer.status_code == 403
        assert "دوره تازه" not in answer.text

    def test_a_view_of_a_platforms_list_belongs_to_an_organisation_too(self, admin):
        answer = admin.post("/organizations/views", data={"name": "دید من"}, headers=HERE)

        assert answer.status_code == 409
        assert CHOOSE in answer.text


class TestS05Programs:
    @pytest.fixture
    def ask(self, app, session, root):
        _row, secret = make_token(root, name="آزمون", scope=TokenScope.WRITE, days=1)
        session.commit()

        def send(method, path, organization=None, **more):
            headers = {"Authorization": f"Bearer {secret}", "If-Match": "*"}
            headers |= {} if organization is None else {"X-Organization": str(organization)}
            return app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **more)

        return send

    def test_a_list_is_empty_and_says_why(self, ask, organization, manager):
        row = ProductFactory()

        nowhere, here = ask("GET", "/products/"), ask("GET", "/products/", organization.id)

        assert (nowhere.status_code, nowhere.json["items"]) == (200, [])
        assert "X-Organization" in nowhere.json["hint"]
        assert row.id in {each["id"] for each in here.json["items"]}
        assert "hint" not in here.json

    @pytest.mark.parametrize("given", [None, 999_999, "x"])
    def test_a_write_is_a_clash(self, ask, session, given):
        answers = [
            ask("POST", "/products/", given, json={"title": "تازه", "code": "NEW-1"}),
            ask("PUT", "/products/1", given, json={"title": "تازه"}),
            ask("DELETE", "/customers/1", given),
        ]

        assert [each.status_code for each in answers] == [409] * 3
        assert all("X-Organization" in each.json["title"] for each in answers)

    def test_a_suspended_one_says_so(self, ask, session, organization, manager):
        ProductFactory()
        suspend(session, organization)

        listed = ask("GET", "/products/", organization.id)
        written = ask("POST", "/products/", organization.id, json={"title": "تازه", "code": "NEW-1"})

        assert (listed.json["items"], written.status_code) == ([], 409)
        assert organization.name in listed.json["hint"]
        assert organization.name in written.json["title"]
