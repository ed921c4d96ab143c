"""Changes are counted however they are written, and a bulk deletion spares what changed since its list was shown."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.lib.clock import now
from app.panel.records.delete import soft_delete, undo_delete
from app.services.order.place import place_order
from models.follow_up import FollowUp
from models.product import Product
from tests.factories import CustomerFactory, FollowUpFactory, ProductFactory
from tests.support.pages import ticks


@pytest.fixture
def product(manager) -> Product:
    return ProductFactory()


class TestStatements:
    def test_that_delete_and_restore_count_as_changes(self, session, product):
        before = product.row_version

        undo_delete(Product, soft_delete(Product, [product.id]))

        session.refresh(product)
        assert product.row_version == before + 2

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
