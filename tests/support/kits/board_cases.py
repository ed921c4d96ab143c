"""The board and the times of kits; run by `tests/panel/test_boards.py`."""

from __future__ import annotations

import re
from datetime import time

import pytest
from sqlalchemy import select

from app.lib.position import first_keys
from tests.support.kits.model import Kit, Stage

HTMX = {"HX-Request": "true"}


def lane(page: str, stage: Stage) -> list[str]:
    found = re.search(rf'id="lane-{stage.value}".*?</section>', page, re.DOTALL)
    return re.findall(r'class="board-title"[^>]*>([^<]*)', found[0]) if found else []


@pytest.fixture
def kits(session, manager):
    rows = [Kit(title=f"بستهٔ {n}", position=key) for n, key in enumerate(first_keys(3))]
    session.add_all(rows)
    session.commit()
    return rows


class TestTheBoard:
    def test_has_a_column_for_each_member_of_the_choice(self, client, kits):
        page = client.get("/kits/board").text

        assert [lane(page, stage) for stage in Stage] == [[f"بستهٔ {n}" for n in range(3)], [], []]
        assert page.count("data-tick ") == 3

    def test_moves_a_card_and_refuses_the_second(self, client, kits):
        sent = {"to": "packed", "row_version": kits[0].row_version}

        assert client.post(f"/kits/{kits[0].id}/move", data=sent, headers=HTMX).status_code == 204
        assert client.post(f"/kits/{kits[0].id}/move", data=sent, headers=HTMX).status_code == 409
        assert lane(client.get("/kits/board").text, Stage.PACKED) == ["بستهٔ 0"]

    def test_a_rule_of_the_section_refuses_a_move(self, session, client, kits):
        kits[0].rebate, kits[0].price = 10, -10
        session.commit()

        answer = client.post(f"/kits/{kits[0].id}/move", data={"to": "sent"}, headers=HTMX)

        assert answer.status_code == 422
        assert "The rebate is larger than the sum." in answer.headers["HX-Trigger"]
        assert lane(client.get("/kits/board").text, Stage.SENT) == []

    def test_who_may_only_read_moves_nothing(self, session, login, consultant, kits):
        reader = login(consultant)

        page = reader.get("/kits/board").text
        assert "data-may-move" not in page
        assert "data-tick" not in page
        assert reader.post(f"/kits/{kits[0].id}/move", data={"to": "sent"}).status_code == 403

    def test_a_new_row_comes_first(self, session, client, kits):
        session.add(Kit(title="تازه"))
        session.commit()

        assert lane(client.get("/kits/board").text, Stage.PLANNED)[0] == "تازه"

    def test_board_and_list_lead_to_each_other(self, client, kits):
        assert 'href="/kits/board"' in client.get("/kits/").text
        assert 'href="/kits/"' in client.get("/kits/board").text


class TestTimes:
    def test_are_read_shown_sorted_and_filtered(self, session, client, book):
        for title, text in (("صبح", "۹"), ("عصر", "1730")):
            data = {"title": title, "packed_at": text, "parts-0-product": book.id, "parts-0-count": "1"}
            data["parts-0-price"] = "1000"
            assert client.post("/kits/add", data=data).status_code == 302, title

        assert session.scalars(select(Kit.packed_at).order_by(Kit.id)).all() == [time(9), time(17, 30)]
        shown = client.get("/kits/?f_packed_at_from=10").text
        assert "عصر" in shown
        assert "صبح" not in shown
        assert client.get("/kits/?sort=-packed_at").text.index("عصر") > 0
        assert (
            "۱۷:۳۰"
            in client.get(
                f"/kits/show/{session.scalars(select(Kit.id).where(Kit.title == 'عصر')).one()}"
            ).text
        )

    def test_a_wrong_filter_is_said(self, client, kits):
        page = client.get("/kits/?f_packed_at_from=25").text

        assert "ساعت معتبر نیست" in page
