"""S08, S13 and E05: characters that a text may not contain, on every path."""

from __future__ import annotations

import re
import sys
import unicodedata
from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.lib.persian import clean_line, clean_text, is_blank
from app.services.imports.describe import describe
from app.services.imports.jobs import queue_import, receive_file
from app.services.imports.run import run_import
from app.services.sms.text.limits import current_limits
from app.services.sms.text.render import text_for
from app.services.sms.text.variables import ResolvedVariables
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
from tests.panel.forms.text_steps import newest
from tests.panel.records.test_bulk_edit import change
from tests.support.pages import untouched

__all__ = ["typed"]


MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
DIRTY = f"نام{MARKS}\r\nيكم\tدوم"
CLEAN = "نام یکم دوم"


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
        known = ResolvedVariables({}, {"product": "product"})
        sent = text_for(old, known, {"product": f"دوره{MARKS}"}, current_limits())

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
