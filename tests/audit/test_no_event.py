"""Acts that leave no event: refused ones, readings, and what was taken back."""

import json

from sqlalchemy import select

from models.result_title import ResultTitle
from tests.factories import CustomerFactory, FollowUpFactory, ProductFactory


class TestNoEvent:
    def test_for_an_edit_that_was_refused(self, login, manager, product, told):
        ProductFactory(code="TAKEN")
        client = login(manager)
        data = {"title": "دیگر", "code": "TAKEN"}

        events = told(lambda: client.post(f"/products/edit/{product.id}", data=data))

        assert events == []
        assert product.title == "دوره مالی"

    def test_for_an_act_without_the_right(self, login, consultant, product, told):
        client = login(consultant)

        assert told(lambda: client.post(f"/products/delete/{product.id}")) == []

    def test_for_a_result_that_was_refused(self, session, login, consultant, told):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        lost = session.scalars(select(ResultTitle).where(ResultTitle.requires_note.is_(True))).first()
        client = login(consultant)
        data = {"result_title": lost.id, "note": ""}

        assert told(lambda: client.post(f"/follow-ups/{follow_up.id}/result", data=data)) == []

    def test_for_what_a_savepoint_took_back(self, session, manager, told):
        def change_one_of_two():
            CustomerFactory(last_name="مانده")
            savepoint = session.begin_nested()
            CustomerFactory(last_name="رفته")
            savepoint.rollback()
            session.commit()

        events = told(change_one_of_two)

        assert "رفته" not in json.dumps([event.after for event in events], ensure_ascii=False)
        assert [event.action for event in events] == ["add"]

    def test_for_reading(self, login, manager, product, told):
        client = login(manager)

        assert told(lambda: client.get(f"/products/show/{product.id}")) == []

    def test_for_what_was_rolled_back(self, session, manager, product, told):
        def change_and_regret():
            product.title = "پشیمان"
            session.flush()
            session.rollback()
            session.commit()

        assert told(change_and_regret) == []
