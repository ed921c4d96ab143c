"""S15: numbers, lengths, ticked rows and searches beyond their limits."""

from __future__ import annotations

import json
import re
import unicodedata
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from models.order import Order
from models.product import Product
from tests.factories import CustomerFactory, OrderFactory, ProductFactory
from tests.panel.forms.text_steps import newest


class TestS15Numbers:
    @pytest.mark.parametrize("price", ["1_000", "۱_۰۰۰", "1_0.0", "_1"])
    def test_s15_an_underscore_is_no_mark_between_digits(self, app, session, browser, bearer, price):
        answer = browser.post("/products/add", data={"title": "الف", "code": "q", "price": price})
        rest = app.test_client().post(
            "/api/v1/products/", json={"title": "الف", "code": "q", "price": price}, headers=bearer
        )

        assert answer.status_code == 422
        assert 'id="price-error"' in answer.text
        assert f'value="{price}"' in answer.text
        assert rest.status_code == 422
        assert list(rest.json["errors"]) == ["price"]

    @pytest.mark.parametrize("price", ["1,000", "۱٬۰۰۰", "1 000", "۱۰۰۰"])
    def test_s15_other_marks_are(self, session, browser, manager, price):
        browser.post("/products/add", data={"title": "الف", "code": "q", "price": price})

        assert newest(session, Product).price == 10_000

    @pytest.mark.parametrize(
        "quantity", ["1,200", "۱٬۲۰۰", "1 200", "\u200f۱۲۰۰\u200e", "\u2067۱۲۰۰\u2069", "۱۲۰۰\u200c"]
    )
    def test_s15_so_are_marks_around_a_number_that_is_pasted(self, session, browser, manager, quantity):
        form = {"mobile": "09121234567", "product": str(ProductFactory().id)}
        OrderFactory(quantity=3)
        added = browser.post("/orders/add", data=form | {"quantity": quantity})
        order = newest(session, Order)
        page = browser.get("/orders/", query_string={"f_quantity_from": quantity}).text

        assert added.status_code == 302
        assert order.quantity == 1200
        assert re.findall(r'data-pk="(\d+)"', page) == [str(order.id)]

    def test_s15_nor_in_a_filter_a_quantity_or_the_life_of_a_token(self, session, browser, manager):
        page = browser.get("/products/?f_price_from=1_000").text
        order = browser.post(
            "/orders/add",
            data={"mobile": "09121234567", "quantity": "1_0", "product": str(ProductFactory().id)},
        )
        token = browser.post("/account/tokens/", data={"name": "الف", "scope": "read", "days": "9_0"})

        assert "data-problem" in page
        assert order.status_code == 422
        assert 'id="days-error"' in token.text


class TestS15Lengths:
    @pytest.mark.parametrize("letter", ["a", "ي", "\u0651"])
    def test_s15_a_long_text_is_refused_before_it_is_folded(
        self, monkeypatch, session, browser, manager, letter
    ):
        """No function that reads all of a text is handed a long one."""
        longest = []

        def watched(name):
            real = getattr(unicodedata, name)

            def call(form, text):
                longest.append(len(text))
                return real(form, text)

            return call

        fake = SimpleNamespace(normalize=watched("normalize"))
        monkeypatch.setattr("app.lib.persian.unicodedata", fake)
        before = session.scalar(select(func.count(Product.id)))
        answer = browser.post("/products/add", data={"title": "ب" + letter * 300_000, "code": "q"})

        assert answer.status_code == 422
        assert 'id="title-error"' in answer.text
        assert max(longest, default=0) < 10_000
        assert session.scalar(select(func.count(Product.id))) == before

    def test_s15_numbers_and_days_of_that_length_too(self, browser, session, manager):
        answer = browser.post("/products/add", data={"title": "ب", "code": "q", "price": "1" * 300_000})
        other = browser.post("/customers/add", data={"mobile": "0" * 300_000, "first_name": "ب"})

        assert (answer.status_code, other.status_code) == (422, 422)
        assert 'id="price-error"' in answer.text
        assert 'id="mobile-error"' in other.text

    def test_s15_a_form_of_many_bytes_is_not_even_read(self, app, browser, session, manager):
        size = app.config["MAX_FORM_MEMORY_SIZE"]
        kinds = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
        start = ("title=", '--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n')
        for kind, words in zip(kinds, start, strict=True):
            answer = browser.post("/products/add", data=words + "a" * (size + 1), content_type=kind)
            assert answer.status_code == 413

    def test_s15_an_answer_names_at_most_fifty_errors(self, app, session, manager, bearer):
        body = {f"unknown_{number}": number for number in range(10_000)}
        answer = app.test_client().post("/api/v1/products/", json=body, headers=bearer)

        assert answer.status_code == 422
        assert len(answer.json["errors"]) == 50
        assert {"title", "code"} <= set(answer.json["errors"])
        assert len(answer.data) < 20_000

    def test_s15_so_does_the_answer_to_an_edit(self, app, session, manager, bearer):
        row = ProductFactory()
        session.commit()
        body = {f"unknown_{number}": number for number in range(100)} | {"price": "much"}
        answer = app.test_client().put(
            f"/api/v1/products/{row.id}", json=body, headers=bearer | {"If-Match": "*"}
        )

        assert answer.status_code == 422
        assert len(answer.json["errors"]) == 50
        assert "price" in answer.json["errors"]

    def test_s15_the_message_has_persian_digits(self, app, browser, bearer):
        title = {"title": "ن" * 200, "code": "q", "price": "1"}
        long_name, long_subject = {"name": "ن" * 81, "scope": "read", "days": "9"}, {"title": "ن" * 161}

        pages = [
            browser.post("/products/add", data=title).text,
            browser.post("/account/tokens/", data=long_name).text,
            browser.post("/tasks/add", data=long_subject).text,
        ]
        rest = app.test_client().post("/api/v1/products/", json=title | {"price": 1}, headers=bearer)

        for page, most in zip(pages, ("۱۲۰", "۸۰", "۱۶۰"), strict=True):
            assert f"حداکثر {most} نویسه بنویسید." in page
        assert rest.json["errors"]["title"] == ["حداکثر ۱۲۰ نویسه بنویسید."]


HTMX = {"HX-Request": "true"}


class TestS15Ticks:
    @pytest.mark.parametrize("action", ["remove", "change", "export"])
    @pytest.mark.parametrize("count", [0, 1_001])
    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
    def test_s15_no_row_and_too_many_are_refused(self, session, browser, manager, action, count, headers):
        row = CustomerFactory(city="قم")
        session.commit()
        data = {"action": action, "_step": "run", "rowid": [str(row.id)] * count, "city": "یزد"}
        answer = browser.post("/customers/action_post", data=data, headers=headers)
        words = json.loads(answer.headers["HX-Trigger"])["toast"]["text"] if headers else answer.text
        session.expire_all()

        assert answer.status_code == 400
        assert "بین ۱ تا ۱٬۰۰۰ مورد را تیک بزنید" in words
        assert (row.city, row.deleted_at) == ("قم", None)

    def test_s15_a_thousand_are_done(self, session, browser, manager, organization):
        keys = [ProductFactory(is_active=True).id for _ in range(3)]
        other = ProductFactory(is_active=True)
        session.commit()
        ticked = [str(key) for key in keys] + [str(keys[0])] * 997
        data = {"action": "change", "_step": "run", "rowid": ticked, "is_active": "0"}
        answer = browser.post("/products/action_post", data=data)
        session.expire_all()

        assert answer.status_code == 302
        assert not session.scalar(
            select(func.count(Product.id)).where(Product.id.in_(keys), Product.is_active)
        )
        assert other.is_active

    @pytest.mark.parametrize("count", [0, 1_001])
    def test_s15_messages_and_the_trash_too(self, session, browser, manager, count):
        keys = [str(CustomerFactory().id)] * count
        session.commit()

        assert browser.post("/campaigns/send/customers", data={"rowid": keys}).status_code == 400
        assert browser.post("/trash/restore/customers", data={"rowid": keys}).status_code == 400


class TestS15InvisibleSearch:
    @pytest.mark.parametrize("text", ["\u200c\u200c", "\u2066\u2069", "\u3164", "\u0640"])
    def test_s15_it_finds_nothing_rather_than_everything(self, app, session, browser, bearer, text):
        row = CustomerFactory()
        product = ProductFactory()
        session.commit()
        page = browser.get("/customers/", query_string={"q": text}).text
        listed = app.test_client().get("/api/v1/products/", query_string={"q": text}, headers=bearer).json
        found = browser.get("/orders/lookup/product", query_string={"q": text}).json

        assert f'data-pk="{row.id}"' not in page
        assert (listed["count"], listed["items"], found) == (0, [], [])
        assert f'data-pk="{row.id}"' in browser.get("/customers/?q=+").text
        assert product.id

    def test_s15_an_act_on_it_reaches_no_row(self, session, browser, manager):
        ProductFactory(is_active=True)
        session.commit()
        before = session.scalar(select(func.count(Product.id)))
        browser.post(
            "/products/action_post",
            data={"action": "remove", "_all": "1", "_query": "q=%E2%80%8C%E2%80%8C", "_step": "run"},
        )

        assert session.scalar(select(func.count(Product.id))) == before
