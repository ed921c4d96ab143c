"""S08, S13, S15 and E05: what a text may not be made of, however long it is and whichever way it comes."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from io import BytesIO
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.lib.persian import clean_line, clean_text, is_blank
from app.services.account.token import make_token
from app.services.imports.jobs import queue_import, receive_file
from app.services.imports.preview import describe
from app.services.imports.run import run_import
from app.services.sms.text.render import text_for
from app.services.sms.text.variables import ResolvedVariables
from models.account import TokenScope
from models.customer import Customer
from models.job import ImportRejection
from models.member import Member
from models.product import Product
from models.result_title import ResultTitle
from models.role import ExtraRole
from models.sms.template import SmsCategory, SmsTemplate
from models.table_view import TableView
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, ProductFactory, SmsTemplateFactory, member
from tests.panel.forms.test_findings_forms import FORMS, open_form, typed
from tests.panel.records.test_bulk_edit import change
from tests.support.pages import untouched

__all__ = ["typed"]

MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
DIRTY = f"نام{MARKS}\r\nيكم\tدوم"
CLEAN = "نام یکم دوم"


@pytest.fixture
def browser(login, manager):
    return login(manager)


@pytest.fixture
def bearer(session, manager):
    _row, secret = make_token(manager, name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    return {"Authorization": f"Bearer {secret}"}


def newest(session, model):
    session.expire_all()
    return session.scalar(select(model).order_by(model.id.desc()).limit(1))


def run(text: str):
    job = receive_file(BytesIO(text.encode()), name="orders.csv", client_token=uuid4())
    queue_import(job, describe(job).mapping)
    for _step in run_import(job):
        pass
    return job


class TestS08Blank:
    def test_s08_no_character_without_a_look_makes_a_text(self):
        """By Unicode's own categories: separators, format characters and controls."""
        visible = {"ARABIC", "SYRIAC", "KAITHI"}
        for code in range(0x80, sys.maxunicode + 1):
            letter = chr(code)
            if unicodedata.category(letter) in {"Zs", "Zl", "Zp", "Cf", "Cc"}:
                is_sign = unicodedata.name(letter, "").partition(" ")[0] in visible and code != 0x61C
                assert is_blank(letter) is not is_sign, hex(code)

    @pytest.mark.parametrize("name", ["\u200c\u200c", "\u3164\u115f\uffa0", "\u0640\u064b", "\u0081\u2800"])
    def test_s08_an_import_takes_a_blank_cell_for_an_empty_one(self, session, manager, name):
        product = ProductFactory()
        run(
            f"موبایل,محصول,نام,شهر\n09121112233,{product.code},{name},{name}\n09121112234,{product.code},علی,قم"
        )

        rows = session.execute(select(Customer.first_name, Customer.city).order_by(Customer.mobile)).all()
        assert [tuple(row) for row in rows] == [(None, None), ("علی", "قم")]

    @pytest.mark.parametrize("name", ["\u3164", "\u2066\u2069\u200f"])
    def test_s08_rest_refuses_a_blank_title(self, app, session, manager, bearer, name):
        before = session.scalar(select(func.count(Product.id)))
        for body in ({"title": name, "code": "x"}, {"title": "الف", "code": name}):
            answer = app.test_client().post("/api/v1/products/", json=body, headers=bearer)
            assert answer.status_code == 422
        assert session.scalar(select(func.count(Product.id))) == before

    def test_s08_a_letter_among_them_is_a_name(self, browser, session, manager):
        browser.post("/products/add", data={"title": "\u200cب\u200c", "code": "\u3164x"})

        assert newest(session, Product).title == "\u200cب\u200c"


class TestS13OneLine:
    @pytest.mark.parametrize(
        ("slug", "name"),
        [
            ("products", "title"),
            ("result-titles", "title"),
            ("customers", "last_name"),
            ("customers", "city"),
            ("members", "first_name"),
            ("sms-templates", "title"),
            ("sms-blocks", "reason"),
        ],
    )
    def test_s13_forms_store_a_name_as_one_line_without_marks(
        self, session, browser, typed, organization, manager, slug, name
    ):
        model = FORMS[slug][0]
        answer = browser.post(f"/{slug}/add", data=open_form(browser, slug) | typed(slug) | {name: DIRTY})
        bind(session, Actor(organization.id, manager.id))

        assert answer.status_code == 302
        assert getattr(newest(session, model), name) == CLEAN

    def test_s13_edit_inline_bulk_and_rest_do_too(self, app, session, browser, bearer, manager):
        row = CustomerFactory(city="قم")
        other = CustomerFactory(city=f"{MARKS}قم")
        session.commit()
        seen = []
        for path, data in (
            (f"edit/{row.id}", {"mobile": row.mobile, "city": DIRTY}),
            (f"inline/{row.id}/city", {"city": DIRTY + "۲"}),
        ):
            page = browser.get(f"/customers/{path}").text
            form = 'id="form"' if path.startswith("edit") else 'class="inline-form"'
            browser.post(f"/customers/{path}", data=untouched(page, form) | data)
            session.expire_all()
            seen.append(row.city)
        change(browser, [row], section="customers", city=DIRTY + "۳")
        session.expire_all()
        seen.append(row.city)
        app.test_client().put(
            f"/api/v1/customers/{row.id}", json={"city": DIRTY + "۴"}, headers=bearer | {"If-Match": "*"}
        )
        session.expire_all()

        assert [*seen, row.city] == [CLEAN, CLEAN + "۲", CLEAN + "۳", CLEAN + "۴"]
        assert other.city == "قم"

    def test_s13_roles_views_and_ones_own_name(self, session, browser, manager, organization):
        browser.post("/roles/add", data={"title": DIRTY, "right": "Products:can_list"})
        browser.post("/products/views", data={"name": DIRTY, "_query": ""})
        browser.post("/account/", data={"first_name": DIRTY, "last_name": "ن", "email": "a@b.ir"})
        bind(session, Actor(organization.id, manager.id))
        titles = list(session.scalars(select(ExtraRole.title)))

        assert list(session.scalars(select(TableView.name))) == [CLEAN]
        assert titles in ([CLEAN], [])
        assert newest(session, Member).first_name in {CLEAN, "سارا"}

    def test_s13_an_import_does_too_and_notes_stay_as_typed(self, session, manager):
        product = ProductFactory()
        run(f'موبایل,محصول,نام,شهر\n09121112233,{product.code},"علي{MARKS}\nرضا","{MARKS}كرج"')

        row = session.scalars(select(Customer)).one()
        assert (row.first_name, row.last_name, row.city) == ("علی", "رضا", "کرج")

    def test_s13_a_program_that_sets_a_name_stores_it_clean(self, session, manager):
        rows = [Product(title=DIRTY, code="q"), ResultTitle(title=DIRTY), Member(first_name=DIRTY)]
        rows.append(ExtraRole(title=DIRTY))

        assert {getattr(row, "title", None) or row.first_name for row in rows} == {CLEAN}

    def test_s13_texts_of_messages_keep_their_lines_and_lose_their_marks(self, session, browser, manager):
        body = f"سلام{MARKS}\nخط دوم"
        browser.post(
            "/sms-templates/add",
            data={"title": "پیام", "category": "service", "body": body, "is_active": "y"},
        )
        old = SmsTemplateFactory.build(body="سلام {product}", category=SmsCategory.PATTERN)
        sent = text_for(old, ResolvedVariables({}, {"product": "product"}), {"product": f"دوره{MARKS}"})

        assert newest(session, SmsTemplate).body == "سلام\nخط دوم"
        assert sent.text == "سلام دوره"

    def test_s13_a_note_keeps_its_lines_and_marks(self, session, browser, manager):
        note = "a\u200e:\nخط دوم\u200f"
        browser.post("/customers/add", data={"mobile": "09121234567", "note": note})

        assert newest(session, Customer).note == note

    def test_s13_joiners_and_emoji_stay(self):
        assert (
            clean_line("می\u200cخواهم ه\u200d 👨\u200d👩\u200d👧")
            == "می\u200cخواهم ه\u200d 👨\u200d👩\u200d👧"
        )
        assert clean_text("يك\nدو\u200e") == "یک\nدو\u200e"


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
        assert "بین ۱ تا ۱٬۰۰۰ ردیف را تیک بزنید" in words
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


def test_e05_a_new_member_has_no_role_until_one_is_chosen(session, browser, typed):
    page = browser.get("/members/add").text
    first = re.search(r'<select[^>]*name="role"[^>]*required[^>]*>\s*<option value=""[^>]*>انتخاب کنید', page)
    before = session.scalar(select(func.count(Member.id)))
    answer = browser.post(
        "/members/add", data=open_form(browser, "members") | typed("members") | {"role": ""}
    )

    assert first
    assert answer.status_code == 422
    assert 'id="role-error"' in answer.text
    assert session.scalar(select(func.count(Member.id))) == before


def test_e05_a_member_who_has_a_role_keeps_it(browser, session, organization, manager):
    person = member("Consultant", organization)
    session.commit()
    page = browser.get(f"/members/edit/{person.id}").text

    assert "انتخاب کنید" not in page
    assert f'<option value="{person.roles[0].id}" selected>' in page


def test_rejected_rows_show_what_was_in_the_file(session, manager):
    run("موبایل,محصول\nيك\u202e,x")

    assert session.scalars(select(ImportRejection)).one().value == "يك\u202e"
