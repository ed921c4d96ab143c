"""Actions on all rows that match: which rows they reach and what they ask."""

import re
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from app.panel.bulk import selection as bulk
from models.follow_up import FollowUp
from tests.factories import FollowUpFactory, ProductFactory
from tests.panel.records.bulk_steps import HTMX, living, send

pytestmark = pytest.mark.usefixtures("colleagues_rows")


class TestWhatIsMeant:
    def test_the_list_tells_how_many_match_and_by_which_words(self, login, manager, products):
        page = login(manager).get("/products/?q=زبان").text

        field = re.search(r'<input[^>]*name="_query"[^>]*>', page)[0]
        assert 'data-matching="4"' in field
        assert urlencode({"q": "زبان"}) in field

    def test_the_question_names_the_number_of_all_that_match(self, login, manager, products):
        answer = send(login(manager), _step="")

        assert "۴" in answer.text
        assert 'name="_query"' in answer.text

    def test_only_rows_that_match_go(self, session, login, manager, organization, products):
        send(login(manager))

        assert living(session, organization) & {"زبان ۱", "زبان ۴", "ریاضی", "فیزیک"} == {"ریاضی", "فیزیک"}

    def test_rows_that_came_after_the_question_stay(self, session, login, manager, organization, products):
        late = ProductFactory(title="زبان نو").id
        session.commit()

        send(login(manager), _most=str(late - 1))

        assert "زبان نو" in living(session, organization)

    def test_a_consultant_means_his_own_rows_alone(self, session, login, consultant, colleague):
        mine, theirs = (
            FollowUpFactory(consultant_id=consultant.id).id,
            FollowUpFactory(consultant_id=colleague.id).id,
        )
        session.commit()
        before = set(session.scalars(select(FollowUp.id)))

        send(login(consultant), "follow-ups", "tab=all")

        after = set(session.scalars(select(FollowUp.id)))
        assert before - after == {mine}
        assert theirs in after

    def test_who_may_not_delete_is_refused(self, session, login, consultant, products):
        assert send(login(consultant)).status_code == 403

    def test_nothing_that_matches_is_told(self, login, manager, products):
        answer = login(manager).post(
            "/products/action_post",
            data={"action": "remove", "_all": "1", "_query": "q=هیچ", "_step": "run"},
            headers=HTMX,
        )

        assert answer.status_code == 204

    @pytest.mark.parametrize("query", ["&".join(["a=1"] * 300), "q=" + "a" * 21_000])
    def test_an_address_that_can_t_be_read_means_nothing_at_all(
        self, session, login, manager, organization, products, query
    ):
        before = living(session, organization)

        answer = send(login(manager), query=query)

        assert answer.status_code == 400
        assert living(session, organization) == before

    @pytest.mark.parametrize(
        "query",
        [
            "f_price_from=abc",
            "q=زبان&f_price_to=abc",
            "f_is_active=perhaps",
            "f_created_at=someday",
            "f_code_is=odd",
            "f_colour_of_the_box=red",
        ],
    )
    def test_a_filter_that_can_t_be_read_means_nothing_at_all(
        self, session, login, manager, organization, products, query
    ):
        before = living(session, organization)

        answer = login(manager).post(
            "/products/action_post",
            data={"action": "remove", "_all": "1", "_query": query, "_step": "run"},
            headers=HTMX,
        )

        assert answer.status_code == 204
        assert living(session, organization) == before


class TestTheTypedNumber:
    @pytest.fixture(autouse=True)
    def few(self, monkeypatch):
        monkeypatch.setattr(bulk, "MOST_UNTYPED", 3)

    def test_is_asked_for_above_a_limit(self, login, manager, products):
        assert 'name="typed_count"' in send(login(manager), _step="").text
        assert 'name="typed_count"' not in send(login(manager), query="q=ریاضی", _step="").text

    @pytest.mark.parametrize("typed", ["", "3", "۳", "چهار", "4" * 30])
    def test_that_is_wrong_is_told_at_its_field_and_nothing_is_done(
        self, session, login, manager, organization, products, typed
    ):
        answer = send(login(manager), typed_count=typed)

        assert answer.status_code == 422
        assert 'id="typed-count-error"' in answer.text
        assert "زبان ۱" in living(session, organization)

    @pytest.mark.parametrize("typed", ["4", "۴", "٤", " ۴ "])
    def test_is_taken_in_any_digits(self, session, login, manager, organization, products, typed):
        send(login(manager), typed_count=typed)

        assert "زبان ۱" not in living(session, organization)

    @pytest.mark.parametrize("text", ["1240", "۱٬۲۴۰", "1,240", "١٢٤٠"])
    def test_may_have_marks_between_its_thousands(self, text):
        assert bulk.read_count(text) == 1240

    def test_is_asked_for_again_when_more_rows_match_by_now(
        self, session, login, manager, organization, products
    ):
        answer = send(login(manager), typed_count="3", _count="3")

        assert answer.status_code == 422
        assert "زبان ۱" in living(session, organization)
