"""Lines in the form of a new row, and their totals; run by `tests/panel/forms/test_lines.py`."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from models.tenancy.scope import Actor, bind
from tests.factories import ProductFactory, member
from tests.support.kits.model import Kit, KitPart
from tests.support.kits.sent import lines, parts
from tests.support.pages import untouched


class TestTheForm:
    def test_adds_a_row_with_its_lines_in_their_order(self, session, manager, client, book, course):
        answer = client.post("/kits/add", data=lines((book, 3, 40_000), (course, 1, 200_000), rebate="20000"))

        assert answer.status_code == 302
        assert parts(session, manager) == [
            ("کتاب", 3, 400_000, 1_200_000),
            ("دوره", 1, 2_000_000, 2_000_000),
        ]
        assert session.scalars(select(Kit.price)).all() == [3_000_000]

    def test_presets_an_empty_price_from_the_product(self, session, manager, client, book):
        client.post("/kits/add", data=lines((book, 2, "")))

        assert parts(session, manager) == [("کتاب", 2, 500_000, 1_000_000)]

    def test_asks_for_a_price_that_the_product_does_not_have(self, client):
        answer = client.post("/kits/add", data=lines((ProductFactory(price=None), 2, "")))

        assert answer.status_code == 422
        assert 'id="parts-0-price-error"' in answer.text

    def test_leaves_out_lines_into_which_nothing_was_typed(self, session, manager, client, book):
        client.post("/kits/add", data=lines(("", 1, ""), (book, 1, 1000), ("", "", "")))

        assert parts(session, manager) == [("کتاب", 1, 10_000, 10_000)]

    def test_needs_a_line(self, session, client):
        answer = client.post("/kits/add", data=lines(("", 1, "")))

        assert answer.status_code == 422
        assert 'id="parts-error"' in answer.text
        assert session.scalars(select(Kit)).all() == []

    @pytest.mark.parametrize(
        ("line", "field"),
        [
            (("", 2, 10), "product"),
            (("999999", 2, 10), "product"),
            (("nonsense", 2, 10), "product"),
            ((None, "دو", 10), "count"),
            ((None, "-1", 10), "count"),
            ((None, "13", 10), "count"),
            ((None, 2, "ده"), "price"),
            ((None, 99_999_999, "90000000000000"), "price"),
        ],
    )
    def test_says_at_the_field_of_the_line_what_is_wrong(self, session, client, book, line, field):
        line = (book if line[0] is None else line[0], *line[1:])

        answer = client.post("/kits/add", data=lines((book, 1, 10), line))

        assert answer.status_code == 422
        assert f'id="parts-1-{field}-error"' in answer.text
        assert f'<a href="#parts-1-{field}">' in answer.text
        assert "parts-0-product-error" not in answer.text
        assert session.scalars(select(Kit)).all() == []

    def test_refuses_a_product_of_strangers(self, session, manager, client, stranger_organization):
        bind(session, Actor(stranger_organization.id))
        theirs = ProductFactory(organization_id=stranger_organization.id)
        bind(session, Actor(manager.organization_id, manager.id))

        answer = client.post("/kits/add", data=lines((theirs, 1, 10)))

        assert answer.status_code == 422
        assert 'id="parts-0-product-error"' in answer.text

    def test_takes_a_hundred_lines_and_not_one_more(self, session, manager, client, book):
        refused = client.post("/kits/add", data=lines(*[(book, 1, 1)] * 101))
        taken = client.post("/kits/add", data=lines(*[(book, 1, 1)] * 100))

        assert (refused.status_code, taken.status_code) == (422, 302)
        assert "حداکثر ۱۰۰ ردیف" in re.search(r'id="parts-error">([^<]*)', refused.text)[1]
        assert 'name="parts-100-count"' in refused.text
        assert len(parts(session, manager)) == 100

    def test_reads_all_products_with_one_statement(self, client, statements, book):
        few = lines(*[(book, 1, 1)] * 2)
        many = lines(*[(book, 1, 1)] * 40)
        client.post("/kits/add/totals", data=few)
        counts = []
        for sent in (few, many):
            statements.clear()
            client.post("/kits/add/totals", data=sent)
            counts.append(len(statements))

        assert counts[0] == counts[1]

    def test_sent_twice_adds_one_row(self, session, client, book):
        form = untouched(client.get("/kits/add").text) | lines((book, 2, 10))

        answers = [client.post("/kits/add", data=form) for _twice in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        assert len(session.scalars(select(Kit)).all()) == 1
        assert len(session.scalars(select(KitPart)).all()) == 1

    def test_of_other_lines_asks_for_the_second_row(self, session, client, book):
        nonce = untouched(client.get("/kits/add").text)
        client.post("/kits/add", data=nonce | lines((book, 2, 10)))

        assert client.post("/kits/add", data=nonce | lines((book, 3, 10))).status_code == 409

    def test_escapes_what_was_typed(self, client):
        page = client.post("/kits/add", data=lines(('"><script>x</script>', "<b>", "<i>"))).text

        assert "<script>x" not in page
        assert "&lt;b&gt;" in page


class TestTheTotals:
    def test_are_computed_of_what_was_typed_and_stored_nowhere(self, session, client, kit, book, course):
        sent = lines((book, "۲", "۱٬۰۰۰"), (course, "", ""), rebate="500")

        amounts = client.post("/kits/add/totals", data=sent).json

        assert [line["amount"] for line in amounts["lines"]] == ["۲٬۰۰۰", "۲۰۰٬۰۰۰"]
        assert amounts["lines"][1]["presets"] == {"price": "۲۰۰٬۰۰۰"}
        assert amounts["totals"] == {"gross": "۲۰۲٬۰۰۰", "rebate": "۵۰۰", "price": "۲۰۱٬۵۰۰"}
        assert len(session.scalars(select(Kit)).all()) == 1

    def test_leave_out_what_can_not_be_read(self, client, book):
        sent = lines((book, 1, 10), (book, "x", 10), ("", 1, ""), rebate="بی‌معنی")

        amounts = client.post("/kits/add/totals", data=sent).json

        assert [line["amount"] for line in amounts["lines"]] == ["۱۰", "—", "—"]
        assert amounts["totals"]["price"] == "۱۰"

    def test_of_a_stored_row_do_not_change_it(self, session, manager, client, kit, book):
        sent = lines((book, 1, 10, kit.parts[0].id))

        amounts = client.post(f"/kits/edit/{kit.id}/totals", data=sent).json

        assert amounts["totals"]["price"] == "۱۰"
        assert [part[1] for part in parts(session, manager)] == [1, 2]

    def test_of_strangers_rows_are_not_found(self, login, stranger_organization, kit):
        address = f"/kits/edit/{kit.id}/totals"
        client = login(member("Manager", stranger_organization))

        assert client.post(address, data={}).status_code == 404


def test_the_conflict_page_is_json_that_is_read_again(client, kit, book):
    """A line that is sent as one JSON object of another shape is refused, and never an error of the server."""
    for text in ("[1]", "nonsense", '{"product": {"a": 1}}', "7", "{}"):
        sent = {"title": "x", "parts": "", "parts-0": text}
        assert client.post("/kits/add", data=sent).status_code == 422, text
    sent = {"title": "x", "rebate": "0", "parts-0": json.dumps({"product": str(book.id), "count": "2"})}
    assert client.post("/kits/add", data=sent).status_code == 302
