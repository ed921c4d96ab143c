"""Lines over REST, and their declaration; run by `tests/panel/forms/test_lines.py`."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.commands.standard_routes import rows_of
from app.panel.check.lines import problems_of_lines
from app.panel.section import Section
from app.panel.words import Lines, Total
from app.services.account.token import make_token
from models.account import TokenScope
from tests.support.kits.model import Kit, KitPart
from tests.support.kits.section import Kits
from tests.support.kits.sent import parts


class TestRest:
    @pytest.fixture
    def api(self, app, session, manager):
        _row, secret = make_token(manager, name="آزمون", scope=TokenScope.WRITE, days=1)
        session.commit()
        client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}

        def call(method, path, body=None, **more):
            return client.open(
                f"/api/v1/kits/{path}",
                method=method,
                json=body,
                headers=headers | {**more.pop("headers", {})},
            )

        return call

    def test_adds_and_shows_a_nested_list(self, api, book, course):
        body = {
            "title": "بسته",
            "rebate": 1000,
            "parts": [{"product": book.id, "count": 2}, {"product": course.id, "count": 1, "price": 7}],
        }

        made = api("POST", "", body)

        assert made.status_code == 201, made.json
        assert [(p["product"]["label"], p["count"], p["price"], p["amount"]) for p in made.json["parts"]] == [
            ("کتاب", 2, 50_000, 100_000),
            ("دوره", 1, 7, 7),
        ]
        assert made.json["price"] == 99_007
        assert api("GET", str(made.json["id"])).json == made.json
        assert api("GET", "").json["items"] == [made.json]

    @pytest.mark.parametrize(
        ("line", "name", "code"),
        [
            ({"count": 2}, "parts[1].product", 422),
            ({"product": 0}, "parts[1].product", 422),
            ({"product": "x"}, "parts[1].product", 422),
            ({"product": None, "count": -1}, "parts[1].count", 422),
            ({"product": None, "count": "دو"}, "parts[1].count", 422),
            ({"product": None, "count": 13}, "parts[1].count", 409),
            ({"product": None, "colour": 1}, "parts[1].colour", 422),
            ({"product": None, "amount": 1}, "parts[1].amount", 422),
            ({"product": None, "id": 1}, "parts[1].product", 422),
            ({"product": 99, "id": 98}, "parts[1].product", 409),
            (7, "parts[1]", 422),
        ],
    )
    def test_names_the_field_of_the_line(self, api, session, book, line, name, code):
        if isinstance(line, dict) and "product" in line and line["product"] is None and "id" not in line:
            line = line | {"product": book.id}
        refused = api("POST", "", {"title": "x", "parts": [{"product": book.id}, line]})

        assert (refused.status_code, name in refused.json["errors"]) == (code, True), refused.json
        assert session.scalars(select(Kit)).all() == []

    @pytest.mark.parametrize("bad", [{}, "x", 5, [], None])
    def test_refuses_what_is_no_list_of_lines(self, api, session, bad):
        refused = api("POST", "", {"title": "x", "parts": bad})

        assert refused.status_code == 422
        assert "parts" in refused.json["errors"]

    def test_takes_a_hundred_lines_and_not_one_more(self, api, book):
        refused = api("POST", "", {"title": "x", "parts": [{"product": book.id}] * 101})

        assert refused.status_code == 422
        assert list(refused.json["errors"]) == ["parts"]

    def test_puts_the_whole_list_and_leaves_what_a_line_does_not_name(self, api, session, manager, kit, book):
        _first, second = (part.id for part in kit.parts)
        etag = api("GET", str(kit.id)).headers["ETag"]
        body = {"parts": [{"id": second, "count": 8}, {"product": book.id, "price": 3}]}

        put = api("PUT", str(kit.id), body, headers={"If-Match": etag})
        again = api("PUT", str(kit.id), body, headers={"If-Match": etag})

        assert (put.status_code, again.status_code) == (200, 412), put.json
        assert parts(session, manager) == [("کتاب", 8, 500_000, 4_000_000), ("کتاب", 1, 30, 30)]
        assert put.json["title"] == "بسته"

    def test_leaves_the_lines_that_a_put_does_not_name(self, api, session, manager, kit):
        before = parts(session, manager)

        put = api("PUT", str(kit.id), {"title": "نو"}, headers={"If-Match": "*"})

        assert put.status_code == 200
        assert parts(session, manager) == before

    def test_refuses_the_key_of_a_line_of_another_row(self, api, session, kit, book):
        other = Kit(title="دیگری", parts=[KitPart(product=book, count=7, price=10)])
        session.add(other)
        session.commit()
        line = {"id": other.parts[0].id, "product": book.id, "count": 1}

        put = api("PUT", str(kit.id), {"parts": [line]}, headers={"If-Match": "*"})

        assert put.status_code in {409, 422}
        assert "parts[0].id" in put.json["errors"] or "parts" in put.json["errors"]
        session.expire_all()
        assert other.parts[0].count == 7

    def test_lists_the_lines_of_all_rows_with_two_statements(self, api, session, statements, kit, book):
        def count():
            api("GET", "")
            statements.clear()
            api("GET", "")
            return len(statements)

        few = count()
        session.add_all(Kit(title="x", parts=[KitPart(product=book, price=1)]) for _n in range(10))
        session.commit()

        assert count() == few

    def test_documents_the_lines(self, api, app):
        known = app.test_client().get("/api/v1/openapi.json").json["components"]["schemas"]

        assert known["NewKits"]["properties"]["parts"]["items"]["properties"]["count"]["minimum"] == 0
        assert known["NewKits"]["properties"]["parts"]["maxItems"] == 100
        assert set(known["Kits"]["properties"]["parts"]["items"]["properties"]) == {
            "id",
            "product",
            "count",
            "price",
            "amount",
        }

    def test_sent_twice_with_a_key_adds_one_row(self, api, session, book):
        body = {"title": "x", "parts": [{"product": book.id}]}

        made = [api("POST", "", body, headers={"Idempotency-Key": "k1"}) for _twice in range(2)]

        assert [each.status_code for each in made] == [201, 201]
        assert len(session.scalars(select(KitPart)).all()) == 1


def declared(**words):
    made = type("Wrong", (Section,), {"model": Kit, "slug": "wrong", "roles": {}, **words})
    Section.forget(made)
    return [(each.name, each.reason) for each in problems_of_lines(object.__new__(made))]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ({"relation": "pars"}, "pars"),
        ({"columns": ("prodct",)}, "prodct"),
        ({"columns": ("product.title",)}, "product.title"),
        ({"presets": {"prize": "product.price"}}, "prize"),
        ({"presets": {"price": "product.prize"}}, "product.prize"),
        ({"presets": {"price": "kit.price"}}, "kit.price"),
        ({"amount": "amont"}, "amont"),
        ({"amount": "price"}, "price"),
        ({"totals": (Total("groß"),)}, "groß"),
    ],
)
def test_a_wrong_name_is_found_at_the_start(app, words, name):
    given = {"relation": "parts", "label": "x", "label_one": "x", "columns": ("product", "price")} | words

    assert name in [found for found, _reason in declared(lines=Lines(**given))]


def test_the_routes_of_lines_follow_from_the_declaration(app):
    rows = {str(row) for row in rows_of(Kits)}

    assert {"/kits/add/totals,kits,A", "/kits/edit/<pk>/totals,kits,E"} <= rows


def test_the_declaration_of_kits_is_right(app):
    assert declared(lines=Kits.lines) == []
    assert declared(lines=Kits.lines, importable=True) != []
