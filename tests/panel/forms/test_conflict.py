"""Two people on one row: the second is shown both values, chooses, and nothing is lost (spec 4.9)."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectMultipleField, StringField

from app.extensions import db
from app.lib.clock import now
from app.lib.jalali import format_datetime
from app.panel.forms.conflict import conflict_page
from app.panel.records.delete import soft_delete
from models.customer import Customer
from models.product import Product
from models.result_title import ResultTitle
from tests.factories import CustomerFactory, FollowUpFactory, ProductFactory, member
from tests.support.pages import untouched

pytestmark = pytest.mark.usefixtures("colleagues_rows")


@pytest.fixture
def product(manager) -> Product:
    return ProductFactory(title="دوره مالی", code="F-1", price=50_000_000)


@pytest.fixture
def edit(login, manager):
    """Posts to the edit form of a product, as who loaded it with `stamp`."""

    def post(row: Product, stamp: dict[str, str], **typed: str):
        data = {"title": "دوره مالی", "code": "F-1", "price": "۵٬۰۰۰٬۰۰۰", "is_active": "y"}
        return login(manager).post(f"/products/edit/{row.id}", data=stamp | data | typed)

    return post


@pytest.fixture
def loaded(login, manager, product) -> dict[str, str]:
    """The hidden fields of the form as somebody has it open."""
    return untouched(login(manager).get(f"/products/edit/{product.id}").text)


class TestTheSecondSave:
    def test_over_the_same_field_is_told_and_changes_nothing(self, session, edit, loaded, product):
        edit(product, loaded, title="دوره الف")

        answer = edit(product, loaded, title="دوره ب")

        session.refresh(product)
        assert answer.status_code == 409
        assert "این مورد هم‌زمان" in answer.text
        assert "تغییر کرده است." in answer.text
        assert "دوره الف" in answer.text
        assert "دوره ب" in answer.text
        assert product.title == "دوره الف"

    def test_of_another_field_keeps_both_after_the_merge(
        self, session, login, edit, loaded, product, manager
    ):
        edit(product, loaded, code="F-2")
        page = edit(product, loaded, title="دوره ب").text

        answer = login(manager).post(f"/products/edit/{product.id}", data=untouched(page))

        session.refresh(product)
        assert answer.status_code == 302
        assert (product.title, product.code, product.price) == ("دوره ب", "F-2", 50_000_000)
        assert product.is_active

    def test_may_choose_the_others_value(self, session, login, edit, loaded, product, manager):
        edit(product, loaded, title="دوره الف")
        page = edit(product, loaded, title="دوره ب", price="۶٬۰۰۰٬۰۰۰").text
        chosen = untouched(page) | {"title": "دوره الف"}

        login(manager).post(f"/products/edit/{product.id}", data=chosen)

        session.refresh(product)
        assert (product.title, product.price) == ("دوره الف", 60_000_000)

    def test_is_asked_again_when_a_third_came_between(self, session, login, edit, loaded, product, manager):
        edit(product, loaded, title="دوره الف")
        merged = untouched(edit(product, loaded, title="دوره ب").text)
        session.refresh(product)
        product.title = "دوره ج"
        session.flush()

        answer = login(manager).post(f"/products/edit/{product.id}", data=merged)

        assert answer.status_code == 409
        assert "دوره ج" in answer.text

    def test_keeps_its_stamp_while_mistakes_are_mended(self, edit, loaded, product):
        edit(product, loaded, title="دوره الف")

        page = edit(product, loaded, title="دوره ب", price="نادرست")
        answer = edit(product, untouched(page.text), title="دوره ب")

        assert page.status_code == 422
        assert answer.status_code == 409

    def test_after_a_change_outside_the_form_is_told_too(self, session, edit, loaded, product):
        product.created_at = now() - timedelta(days=1)
        session.flush()

        assert edit(product, loaded).status_code == 409

    def test_marks_only_what_both_changed(self, edit, loaded, product):
        edit(product, loaded, title="دوره الف", code="F-2")

        page = edit(product, loaded, title="دوره ب").text

        assert page.count("هر دو تغییر داده‌اند") == 1


class TestTheStamp:
    def test_that_nobody_could_have_got_is_refused(self, edit, product):
        assert edit(product, {"row_version": "999999"}).status_code == 409

    @pytest.mark.parametrize("loaded", ["[", "[]", json.dumps({"title": 5}), "[" * 100_000])
    def test_that_can_not_be_read_leaves_every_field_open(self, edit, product, loaded):
        answer = edit(product, {"row_version": "0", "_loaded": loaded}, title="دوره ب")

        assert answer.status_code == 409
        assert "هر دو تغییر داده‌اند" in answer.text

    def test_is_of_no_concern_to_a_form_without_one(self, session, edit, product):
        assert edit(product, {}, title="دوره ب").status_code == 302


def test_deletion_meanwhile_leaves_nothing_to_save(session, edit, loaded, product):
    soft_delete(Product, [product.id])

    answer = edit(product, loaded, title="دوره ب")

    session.refresh(product)
    assert answer.status_code == 404
    assert (product.title, product.deleted_at is None) == ("دوره مالی", False)


def test_a_stranger_is_not_told_what_changed(login, product, colleague):
    stale = {"row_version": "0", "title": "x", "code": "y"}

    assert login(colleague).post(f"/products/edit/{product.id}", data=stale).status_code == 403


def test_relations_and_dates_are_compared_as_they_are_typed(session, login, consultant):
    """Seconds that a form doesn't show are no change of its own."""
    follow_up = FollowUpFactory(consultant_id=consultant.id, next_at=now() + timedelta(days=1, seconds=17))
    client, url = login(consultant), f"/follow-ups/edit/{follow_up.id}"
    loaded = untouched(client.get(url).text)
    shown = format_datetime(follow_up.next_at)
    follow_up.attempts = 5
    session.flush()

    page = client.post(url, data=loaded | {"next_at": shown})

    assert page.status_code == 409
    assert 'type="radio"' not in page.text


def test_customers_fields_of_any_kind_survive_a_merge(session, login, manager):
    customer = CustomerFactory(note="یک\nدو", mobile="+989121234567")
    client, url = login(manager), f"/customers/edit/{customer.id}"
    loaded = untouched(client.get(url).text)
    typed = {"mobile": "0912 123 4568", "first_name": "مریم", "last_name": "رضایی", "note": "سه\r\nچهار"}
    customer.city = "شیراز"
    session.flush()

    merged = untouched(client.post(url, data=loaded | typed).text)
    client.post(url, data=merged)

    session.refresh(customer)
    assert (customer.note, customer.mobile, customer.city) == ("سه\nچهار", "+989121234568", "شیراز")
    assert db.session.get(Customer, customer.id).opted_out is False


def test_names_who_changed_the_row(login, edit, loaded, product, organization):
    colleague = member("Manager", organization, "deputy")
    login(colleague).post(f"/products/edit/{product.id}", data={"title": "دوره الف", "code": "F-1"})

    answer = edit(product, loaded, title="دوره ب")

    assert f"این مورد هم‌زمان توسط {colleague.full_name} در " in answer.text


class Deadlock(Exception):
    sqlstate = "40P01"


@pytest.mark.parametrize("error", [StaleDataError(), OperationalError("", {}, Deadlock())])
def test_where_no_form_can_merge_the_page_stays_as_it_is(login, consultant, monkeypatch, error):
    def overtaken(*args):
        raise error

    monkeypatch.setattr("views.day.follow_up.panel.record_result", overtaken)
    follow_up = FollowUpFactory(consultant_id=consultant.id)
    data = {"result_title": db.session.scalars(select(ResultTitle.id)).first()}

    answer = login(consultant).post(
        f"/follow-ups/{follow_up.id}/result", data=data, headers={"HX-Request": "true"}
    )

    assert answer.status_code == 409
    assert answer.headers["HX-Reswap"] == "none"
    assert "هم‌زمان" in json.loads(answer.headers["HX-Trigger"])["toast"]["text"]


def test_a_field_with_several_values_goes_through_the_merge_as_it_was_sent(manager):
    class Several(Form):
        word = StringField()
        parts = SelectMultipleField(choices=["a", "b", "c"])

    sent = MultiDict([("word", "mine"), ("parts", "a"), ("parts", "b")])
    row = SimpleNamespace(id=1, updated_at=now(), word="theirs", parts=["c"])

    page = conflict_page(
        row, Several(sent), Several(obj=row), ["word", "parts"], sent, title="", back_url="/"
    )

    assert [each.name for each in page.differences] == ["word"]
    assert page.hidden == [("parts", "a"), ("parts", "b")]


def test_a_members_form_is_told_too_and_shows_roles_by_name(session, login, manager, consultant):
    support, url = member("SupportAgent", manager.organization), f"/members/edit/{consultant.id}"
    client = login(manager)
    form = untouched(client.get(url).text)
    names = {"first_name": "سارا", "last_name": "الف", "email": consultant.email, "accepts_orders": "y"}
    roles = {each.roles[0].name: str(each.roles[0].id) for each in (support, consultant)}
    client.post(url, data=form | names | {"role": roles["Consultant"]})

    answer = client.post(url, data=form | names | {"last_name": "ب", "role": roles["SupportAgent"]})
    merged = client.post(url, data=untouched(answer.text))

    session.refresh(consultant)
    assert answer.status_code == 409
    assert "پشتیبان" in answer.text
    assert merged.status_code == 302
    assert (consultant.last_name, consultant.roles[0].name) == ("ب", "SupportAgent")


@pytest.mark.parametrize(("name", "theirs", "shown"), [("is_active", "", "خیر"), ("price", "۲۰", "۲۰")])
def test_a_cell_says_what_was_written_meanwhile(session, login, manager, product, name, theirs, shown):
    browser, path = login(manager), f"/products/inline/{product.id}/{name}"
    stamp = untouched(browser.get(path).text, 'class="inline-form"')

    first = browser.post(path, data=stamp | {name: theirs})
    second = browser.post(path, data=stamp | {name: "۱۰"})

    assert (first.status_code, second.status_code) == (302, 409)
    assert f"«{shown}» ثبت شده است" in second.text
