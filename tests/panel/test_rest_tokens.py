"""REST: tokens alone open it; how members make and revoke them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.lib.clock import now
from app.services.account.token import make_token
from models.account import ApiToken, TokenScope
from models.product import Product
from tests.factories import ProductFactory

pytestmark = pytest.mark.usefixtures("colleagues_rows")

JSON = "application/json"


@pytest.fixture
def token(session):
    def make(person, scope=TokenScope.WRITE) -> dict[str, str]:
        _row, secret = make_token(person, name="آزمون", scope=scope, days=1)
        session.commit()
        return {"Authorization": f"Bearer {secret}"}

    return make


@pytest.fixture
def product(session, manager) -> Product:
    product = ProductFactory(title="زبان", code="K-1", price=50_000)
    session.commit()
    return product


class TestWhoAsks:
    def test_is_known_by_a_token_and_not_by_a_cookie(self, app, login, manager, product, token):
        codes = [
            login(manager).get("/api/v1/products/").status_code,
            login(manager).delete(f"/api/v1/products/{product.id}", headers={"If-Match": "*"}).status_code,
            app.test_client().get("/api/v1/products/", headers=token(manager)).status_code,
        ]

        assert codes == [401, 401, 200]

    @pytest.mark.parametrize(
        "value", ["Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "Bearer " + "x" * 5000]
    )
    def test_is_nobody_without_one_that_counts(self, app, manager, value):
        answer = app.test_client().get("/api/v1/products/", headers={"Authorization": value})

        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json["title"]

    @pytest.mark.parametrize("end", ["expired", "revoked", "epoch", "inactive"])
    def test_is_nobody_with_one_that_is_over(self, app, session, manager, token, end):
        headers = token(manager)
        row = session.scalars(select(ApiToken)).one()
        if end == "expired":
            row.expires_at = now() - timedelta(seconds=1)
        elif end == "revoked":
            row.revoked_at = now()
        elif end == "epoch":
            manager.session_epoch += 1
        else:
            manager.active = False
        session.commit()

        assert app.test_client().get("/api/v1/products/", headers=headers).status_code == 401

    def test_writes_only_with_a_token_that_may(self, app, manager, product, token):
        headers = token(manager, TokenScope.READ)

        read = app.test_client().get(f"/api/v1/products/{product.id}", headers=headers)
        write = app.test_client().delete(
            f"/api/v1/products/{product.id}", headers={**headers, "If-Match": "*"}
        )

        assert [read.status_code, write.status_code] == [200, 403]

    @pytest.mark.parametrize(
        "resource", ["audit", "members", "roles", "organizations", "trash", "nothing", "account"]
    )
    def test_finds_no_section_that_does_not_speak_it(self, app, manager, token, resource):
        headers = token(manager)

        codes = {
            app.test_client().get(f"/api/v1/{resource}/", headers=headers).status_code,
            app.test_client().get(f"/api/v1/{resource}/").status_code,
            app.test_client().get(f"/api/v1/{resource}/1", headers=headers).status_code,
        }

        assert codes == {404}


class TestTheTokensOfAnAccount:
    def test_are_made_shown_once_and_work(self, app, session, login, manager, product):
        browser = login(manager)

        page = browser.post("/account/tokens/", data={"name": "فرم سایت", "scope": "read", "days": "30"}).text

        secret = page.split('dir="ltr">ava_')[1].split("<")[0]
        headers = {"Authorization": f"Bearer ava_{secret}"}
        assert app.test_client().get("/api/v1/products/", headers=headers).status_code == 200
        assert secret not in browser.get("/account/tokens/").text
        assert secret not in str(session.scalars(select(ApiToken.token_hash)).all())

    @pytest.mark.parametrize(
        "fields", [{"name": ""}, {"name": "x" * 200}, {"scope": "admin"}, {"days": "9999"}]
    )
    def test_are_not_made_of_mistakes(self, session, login, manager, fields):
        answer = login(manager).post(
            "/account/tokens/", data={"name": "ن", "scope": "read", "days": "30"} | fields
        )

        assert answer.status_code == 422
        assert session.scalar(select(func.count(ApiToken.id))) == 0

    def test_are_revoked_by_their_member_alone(self, app, session, login, manager, consultant, token):
        headers = token(manager)
        key = session.scalars(select(ApiToken.id)).one()

        theirs = login(consultant).post(f"/account/tokens/revoke/{key}").status_code
        mine = login(manager).post(f"/account/tokens/revoke/{key}").status_code

        assert [theirs, mine] == [404, 302]
        assert app.test_client().get("/api/v1/products/", headers=headers).status_code == 401
