"""Two people on one row: the second is shown both values, chooses, and nothing is lost (spec 4.9)."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.extensions import db
from app.lib.clock import now
from app.lib.jalali import format_datetime
from app.panel.deletion import soft_delete, undo_delete
from app.services.order import place_order
from models.customer import Customer
from models.follow_up import FollowUp
from models.product import Product
from tests.factories import CustomerFactory, FollowUpFactory, ProductFactory
from tests.support.pages import ticks, untouched


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


class TestDeletion:
    def test_meanwhile_leaves_nothing_to_save(self, session, edit, loaded, product):
        soft_delete(Product, [product.id])

        answer = edit(product, loaded, title="دوره ب")

        session.refresh(product)
        assert answer.status_code == 404
        assert (product.title, product.deleted_at is None) == ("دوره مالی", False)

    def test_and_its_undo_count_as_changes(self, session, product):
        before = product.row_version

        undo_delete(Product, soft_delete(Product, [product.id]))

        session.refresh(product)
        assert product.row_version == before + 2


class TestStatements:
    def test_that_update_rows_unseen_count_as_changes(self, session, product):
        before = product.row_version

        session.execute(update(Product).where(Product.id == product.id).values(price=1))

        session.refresh(product)
        assert product.row_version == before + 1

    @pytest.mark.parametrize(("city", "changes"), [("شیراز", 1), (None, 0)])
    def test_that_fill_in_a_customer_count_when_they_do(self, session, product, city, changes):
        customer = CustomerFactory(mobile="+989121234567", city=None)
        before = customer.row_version

        place_order(customer_fields={"mobile": "09121234567", "city": city}, product=product)

        session.refresh(customer)
        assert (customer.city, customer.row_version) == (city, before + changes)


class TestBulkDeletion:
    @pytest.fixture
    def rows(self, consultant) -> list[FollowUp]:
        return FollowUpFactory.create_batch(3, consultant_id=consultant.id)

    @pytest.fixture
    def remove(self, login, consultant):
        def post(rows, **more):
            data = {"action": "remove", "rowid": [row.id for row in rows], "_step": "run"} | more
            return login(consultant).post(
                "/follow-ups/action_post", data=data, headers={"HX-Request": "true"}
            )

        return post

    def test_spares_what_changed_since_the_list_was_shown(self, session, login, consultant, rows, remove):
        page = login(consultant).get("/follow-ups/?tab=all").text
        rows[0].next_at = now() + timedelta(days=1)
        session.flush()

        answer = remove(rows, **ticks(page))

        gone = [row.id for row in rows if session.get(FollowUp, row.id, populate_existing=True) is None]
        said = json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
        assert gone == [row.id for row in rows[1:]]
        assert said == "2 پیگیری حذف شد، 1 تغییر کرده بود."

    def test_of_changed_rows_only_deletes_nothing(self, session, rows, remove):
        answer = remove(rows[:1], versions=f"{rows[0].id}:{rows[0].row_version + 1}")

        session.refresh(rows[0])
        assert rows[0].deleted_at is None
        assert "تغییر کرده بود" in json.loads(answer.headers["HX-Trigger"])["toast"]["text"]

    @pytest.mark.parametrize("versions", ["", "x", "1:2:3,,", "9" * 40 + ":1"])
    def test_without_readable_versions_takes_the_ticks_as_they_are(self, session, rows, remove, versions):
        remove(rows, versions=versions)

        assert [session.get(FollowUp, row.id, populate_existing=True) for row in rows] == [None] * 3

    def test_carries_the_versions_through_its_question(self, login, consultant, rows):
        data = {"action": "remove", "rowid": [rows[0].id], "versions": f"{rows[0].id}:1"}

        page = login(consultant).post("/follow-ups/action_post", data=data).text

        assert f'name="versions" value="{rows[0].id}:1"' in page


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
