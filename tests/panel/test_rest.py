"""REST: versions guard it, forms decide what it takes, and the scope what it shows."""

import pytest
from sqlalchemy import func, select

from app.services.account.token import make_token
from models.account import TokenScope
from models.audit.event import AuditEvent
from models.customer import Customer
from models.product import Product
from tests.factories import CustomerFactory, FollowUpFactory, ProductFactory

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


class TestReading:
    def test_finds_what_the_list_finds_by_the_same_words(self, app, session, manager, token):
        wanted = CustomerFactory(city="یزد", last_name="کاظمی")
        CustomerFactory(city="قم", last_name="کاظمی"), CustomerFactory(city="یزد", last_name="نوری")
        session.commit()

        answer = app.test_client().get("/api/v1/customers/?q=كاظمي&f_city=یزد", headers=token(manager))

        assert [item["id"] for item in answer.json["items"]] == [wanted.id]
        assert answer.json["items"][0]["mobile"].startswith("+98")
        assert answer.json["count"] == 1

    def test_turns_pages_without_loss(self, app, session, manager, token):
        rows = [*session.scalars(select(Customer)), *CustomerFactory.create_batch(60)]
        session.commit()
        headers, found, address = token(manager), [], "/api/v1/customers/?size=25&sort=created_at"

        while address:
            body = app.test_client().get(address, headers=headers).json
            found += [item["id"] for item in body["items"]]
            address = body["next"]

        assert sorted(found) == sorted(row.id for row in rows)

    def test_shows_a_consultant_his_own_rows_alone(self, app, session, consultant, colleague, token):
        mine, theirs = (
            FollowUpFactory(consultant_id=consultant.id),
            FollowUpFactory(consultant_id=colleague.id),
        )
        session.commit()
        headers = token(consultant)

        listed = app.test_client().get("/api/v1/follow-ups/", headers=headers).json["items"]
        foreign = app.test_client().get(f"/api/v1/follow-ups/{theirs.id}", headers=headers)

        assert [item["id"] for item in listed] == [mine.id]
        assert foreign.status_code == 404

    def test_says_which_filter_can_t_be_read(self, app, manager, token):
        answer = app.test_client().get("/api/v1/products/?f_price_from=abc", headers=token(manager))

        assert answer.status_code == 422
        assert list(answer.json["errors"]) == ["f_price_from"]

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("f_prise_from=1", 422),
            ("size=26", 422),
            ("q=a&q=b", 422),
            ("after=here", 422),
            ("after=1.x", 404),
            ("f_price_from=2&f_price_to=1", 409),
            ("f_price_from=۲", 200),
            ("f_is_active=1&f_is_active=0", 200),
        ],
    )
    def test_never_means_more_rows_than_were_asked_for(self, app, manager, token, query, code):
        answer = app.test_client().get(f"/api/v1/products/?{query}", headers=token(manager))

        assert answer.status_code == code

    def test_of_an_unchanged_row_sends_nothing_again(self, app, manager, product, token):
        headers, url = token(manager), f"/api/v1/products/{product.id}"
        etag = app.test_client().get(url, headers=headers).headers["ETag"]

        assert app.test_client().get(url, headers={**headers, "If-None-Match": etag}).status_code == 304

    @pytest.mark.parametrize("pk", ["0", "x", "9" * 30, "-1", "%00", "۱"])
    def test_of_a_key_that_is_none_finds_nothing(self, app, manager, token, pk):
        assert app.test_client().get(f"/api/v1/products/{pk}", headers=token(manager)).status_code == 404

    def test_describes_the_resource_and_its_rights(self, app, manager, token):
        info = app.test_client().get("/api/v1/products/_info", headers=token(manager)).json

        assert {"name": "title", "label": "عنوان", "required": True} in info["fields"]
        assert info["rights"] == ["list", "show", "add", "edit", "delete"]


class TestWriting:
    @pytest.fixture
    def ask(self, app, manager, token):
        headers = token(manager)

        def send(method, path, body=None, **more):
            more = {name.replace("_", "-"): value for name, value in more.items()}
            return app.test_client().open(
                f"/api/v1/{path}", method=method, json=body, headers={**headers, **more}
            )

        return send

    def test_adds_a_row_and_says_where_it_is(self, ask, session):
        answer = ask("POST", "products/", {"title": "ریاضی", "code": "K-9", "price": 700, "is_active": True})

        assert answer.status_code == 201
        assert answer.headers["Location"] == f"/api/v1/products/{answer.json['id']}"
        assert session.get(Product, answer.json["id"]).price == 7_000
        assert answer.json["price"] == 700
        assert (
            session.scalars(select(AuditEvent.action).order_by(AuditEvent.id.desc()).limit(1)).one() == "add"
        )

    def test_tells_mistakes_by_field_in_the_words_of_the_form(self, ask, session):
        before = session.scalars(select(Customer.id).order_by(Customer.id)).all()

        answer = ask("POST", "customers/", {"mobile": "12", "email": "nothing"})

        assert answer.status_code == 422
        assert "موبایل" in answer.json["errors"]["mobile"][0]
        assert session.scalars(select(Customer.id).order_by(Customer.id)).all() == before

    def test_tells_a_key_that_is_taken(self, ask, product):
        answer = ask("POST", "products/", {"title": "دیگر", "code": "K-1", "price": 1})

        assert answer.status_code == 409
        assert "code" in answer.json["errors"]

    @pytest.mark.parametrize(
        ("body", "code"), [([], 422), ("text", 422), (3, 422), ({"organization_id": 7}, 422), ({"title": {}}, 422), ({"title": ["a"]}, 422)]
    )  # fmt: skip
    def test_takes_an_object_of_known_values_alone(self, ask, session, body, code):
        before = session.scalar(select(func.count(Product.id)))

        assert ask("POST", "products/", body).status_code == code
        assert session.scalar(select(func.count(Product.id))) == before

    def test_takes_json_alone(self, app, manager, token):
        headers = token(manager)

        form = app.test_client().post("/api/v1/products/", data={"title": "x"}, headers=headers)
        broken = app.test_client().post("/api/v1/products/", data="{", content_type=JSON, headers=headers)

        assert [form.status_code, broken.status_code] == [415, 400]

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ('{"title": "a", "title": "b", "code": "K-2"}', 400),
            ('{"title": {"a": 1, "a": 2}, "code": "K-2"}', 400),
            ('{"\\ud800": 1}', 400),
            (b'{"\xed\xa0\x80": 1}', 400),
            ('{"title": "\\ud800", "code": "K-2"}', 400),
            ('{"title": "\\ud83d\\ude42", "code": "K-2"}', 201),
            ('{"title": "   ", "code": "K-2"}', 422),
            ('{"title": "\u00a0\u2003", "code": "K-2"}', 422),
            ('{"title": " a ", "code": "K-2"}', 201),
        ],
    )
    def test_takes_no_name_twice_and_no_spaces_for_a_value(self, app, manager, token, body, code):
        headers = token(manager)

        answer = app.test_client().post("/api/v1/products/", data=body, content_type=JSON, headers=headers)

        assert answer.status_code == code

    def test_with_one_key_adds_one_row(self, ask, session):
        body = {"title": "ریاضی", "code": "K-9", "price": 700}

        first, second = (ask("POST", "products/", body, Idempotency_Key="abc") for _ in range(2))
        other = ask("POST", "products/", {**body, "code": "K-10"}, Idempotency_Key="abc")

        assert [first.status_code, second.status_code, other.status_code] == [201, 201, 409]
        assert first.json["id"] == second.json["id"]

    def test_changes_what_was_sent_and_leaves_the_rest(self, ask, session, product):
        etag = ask("GET", f"products/{product.id}").headers["ETag"]

        answer = ask("PUT", f"products/{product.id}", {"price": 900}, If_Match=etag)

        assert answer.status_code == 200
        assert (answer.json["price"], answer.json["title"], answer.json["is_active"]) == (900, "زبان", True)
        assert answer.headers["ETag"] != etag

    def test_takes_the_values_that_it_shows(self, ask, manager, product):
        product.price = 505
        on_days = {"title": "تماس", "due_on": "2026-12-12", "repeats": "weekly", "repeat_weekdays": "sat,mon"}
        task = ask("POST", "tasks/", on_days | {"owner": manager.id}).json

        for path, names in ((f"products/{product.id}", ("price",)), (f"tasks/{task['id']}", on_days)):
            shown = ask("GET", path)
            sent = {name: shown.json[name] for name in names}
            stored = ask("PUT", path, sent, If_Match=shown.headers["ETag"])

            assert stored.status_code == 200
            assert {name: stored.json[name] for name in names} == sent
        assert ask("GET", f"products/{product.id}").json["price"] == 50.5
        assert task["repeat_weekdays"] == "sat,mon"

    @pytest.mark.parametrize(
        ("price", "code", "stored"), [(5.0, 200, 5), (3 * 0.1, 200, 0.3), (1.25, 422, 5_000)]
    )
    def test_reads_a_number_in_each_form_of_json(self, ask, product, price, code, stored):
        path = f"products/{product.id}"
        answer = ask("PUT", path, {"price": price}, If_Match=ask("GET", path).headers["ETag"])

        assert answer.status_code == code
        assert ask("GET", path).json["price"] == stored

    @pytest.mark.parametrize(
        ("price", "code"),
        [("NaN", 400), ("Infinity", 400), ("1e400", 400), ("9" * 400, 422), ("1e300", 422), ("true", 422)],
    )
    def test_refuses_numbers_that_no_amount_has(self, app, manager, token, product, price, code):
        answer = app.test_client().put(
            f"/api/v1/products/{product.id}",
            data=f'{{"price": {price}}}',
            content_type=JSON,
            headers=token(manager) | {"If-Match": "*"},
        )

        assert answer.status_code == code

    def test_asks_for_the_version_before_it_looks_at_the_values(self, ask, product):
        assert ask("PUT", f"products/{product.id}", {"price": "x"}).status_code == 428

    @pytest.mark.parametrize(("method", "body"), [("PUT", {"price": 1}), ("DELETE", None)])
    def test_asks_which_version_is_meant(self, ask, session, product, method, body):
        etag = ask("GET", f"products/{product.id}").headers["ETag"]
        without = ask(method, f"products/{product.id}", body)
        ask("PUT", f"products/{product.id}", {"price": 800}, If_Match=etag)

        stale = ask(method, f"products/{product.id}", body, If_Match=etag)

        session.expire_all()
        assert [without.status_code, stale.status_code] == [428, 412]
        assert session.get(Product, product.id).price == 8_000

    def test_deletes_softly(self, ask, session, product):
        answer = ask("DELETE", f"products/{product.id}", If_Match="*")

        gone = session.scalars(
            select(Product.deleted_at).where(Product.id == product.id),
            execution_options={"with_deleted": True},
        ).one()
        assert answer.status_code == 204
        assert gone is not None
        assert ask("GET", f"products/{product.id}").status_code == 404

    def test_never_names_another_owner(self, ask, session, manager, colleague):
        answer = ask("POST", "customers/", {"mobile": "09121234567", "created_by_id": colleague.id})

        assert answer.status_code == 422
        assert "created_by_id" in answer.json["errors"]

    def test_answers_what_it_does_not_do_with_405(self, ask):
        assert ask("DELETE", "products/").status_code == 405
        assert ask("PATCH", "products/1", {}).status_code == 405
        assert set(ask("POST", "follow-ups/", {}).headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        assert ask("TRACE", "follow-ups/_info").is_json
