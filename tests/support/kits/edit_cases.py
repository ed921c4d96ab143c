"""Lines that are changed, by one or by two at once, and the trail; run by `tests/panel/forms/test_lines.py`."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.extensions import db
from models.audit.event import AuditEvent
from tests.factories import ProductFactory
from tests.support.kits.model import Kit, KitPart
from tests.support.kits.sent import lines, parts
from tests.support.pages import untouched


class TestTheEdit:
    def test_changes_moves_adds_and_removes(self, session, manager, client, kit, book, course):
        first, second = (part.id for part in kit.parts)

        client.post(f"/kits/edit/{kit.id}", data=lines((book, 5, 50_000, second), (book, 1, 1000)))

        assert parts(session, manager) == [("کتاب", 5, 500_000, 2_500_000), ("کتاب", 1, 10_000, 10_000)]
        assert db.session.get(KitPart, first) is None
        assert db.session.get(KitPart, second) is not None

    def test_without_lines_in_the_form_leaves_them(self, session, manager, client, kit):
        before = parts(session, manager)

        client.post(f"/kits/edit/{kit.id}", data={"title": "نو", "rebate": "0"})

        assert parts(session, manager) == before
        assert session.scalars(select(Kit.title)).all() == ["نو"]

    def test_without_a_change_changes_no_version(self, session, client, kit, book, course):
        version = kit.row_version
        first, second = (part.id for part in kit.parts)

        client.post(
            f"/kits/edit/{kit.id}", data=lines((course, 1, 200_000, first), (book, 2, 50_000, second))
        )

        session.expire_all()
        assert kit.row_version == version

    @pytest.mark.parametrize("change", ["count", "order", "removed"])
    def test_of_lines_alone_is_a_new_version_of_the_row(self, session, client, kit, book, course, change):
        version = kit.row_version
        old = [(course, 1, 200_000, kit.parts[0].id), (book, 2, 50_000, kit.parts[1].id)]
        sent = {"count": [(course, 2, 100_000, old[0][3]), old[1]], "order": old[::-1], "removed": old[:1]}

        client.post(f"/kits/edit/{kit.id}", data=lines(*sent[change]))

        session.expire_all()
        assert kit.row_version == version + 1

    def test_has_a_line_whose_product_was_deleted_since(self, session, manager, client, kit, book, course):
        first, second = (part.id for part in kit.parts)
        client.post(f"/products/delete/{book.id}")

        answer = client.post(
            f"/kits/edit/{kit.id}", data=lines((course, 1, 200_000, first), (book, 3, 50_000, second))
        )
        other = client.post("/kits/add", data=lines((book, 3, 50_000)))

        assert answer.status_code == 302
        assert other.status_code == 422
        assert session.scalars(select(KitPart.count).order_by(KitPart.position)).all() == [1, 3]

    def test_takes_no_line_of_another_row(self, session, manager, client, kit, book):
        other = Kit(title="دیگری", parts=[KitPart(product=book, count=7, price=10)])
        session.add(other)
        session.commit()
        foreign = other.parts[0].id

        answer = client.post(f"/kits/edit/{kit.id}", data=lines((book, 9, 1, foreign)))

        assert answer.status_code == 422
        session.expire_all()
        assert session.get(KitPart, foreign).count == 7

    def test_is_only_for_those_who_may(self, login, consultant, kit, book):
        client = login(consultant)

        codes = [
            client.post("/kits/add", data=lines((book, 1, 1))).status_code,
            client.post("/kits/add/totals", data=lines((book, 1, 1))).status_code,
            client.post(f"/kits/edit/{kit.id}", data=lines((book, 1, 1))).status_code,
            client.post(f"/kits/edit/{kit.id}/totals", data=lines((book, 1, 1))).status_code,
            client.get("/kits/lookup/parts.product").status_code,
            client.get(f"/kits/show/{kit.id}").status_code,
        ]

        assert codes == [403, 403, 403, 403, 200, 200]

    def test_shows_the_lines_and_totals_with_few_statements(self, client, kit, statements, session, book):
        kit.parts.extend(KitPart(product=ProductFactory(), count=1, price=1, position=9) for _n in range(30))
        session.commit()
        statements.clear()

        page = client.get(f"/kits/show/{kit.id}").text

        assert len(statements) <= 10
        assert page.count('<td class="cell-value">') >= 32 * 3
        assert "۳۰۰٬۰۰۰" in page


class TestTwoPeople:
    @pytest.fixture
    def loaded(self, client, kit):
        return untouched(client.get(f"/kits/edit/{kit.id}").text)

    def _second(self, client, kit, loaded, mine, theirs):
        assert client.post(f"/kits/edit/{kit.id}", data=theirs).status_code == 302
        page = client.post(f"/kits/edit/{kit.id}", data=loaded | mine)
        assert page.status_code == 409
        return page.text

    def test_merge_their_lines_one_by_one(self, session, manager, client, kit, loaded, book, course):
        first, second = (part.id for part in kit.parts)
        mine = lines((course, 7, 200_000, first), (book, 2, 50_000, second), (book, 1, 90))
        theirs = lines((course, 1, 200_000, first), (book, 4, 50_000, second), (course, 6, 80))

        page = self._second(client, kit, loaded, mine, theirs)
        client.post(f"/kits/edit/{kit.id}", data=untouched(page))

        assert [part[:2] for part in parts(session, manager)] == [
            ("دوره", 7),
            ("کتاب", 4),
            ("دوره", 6),
            ("کتاب", 1),
        ]

    def test_see_a_line_that_the_other_has_removed(self, session, manager, client, kit, loaded, book, course):
        first, second = (part.id for part in kit.parts)
        mine = lines((course, 1, 200_000, first), (book, 9, 50_000, second))
        theirs = lines((course, 1, 200_000, first))

        page = self._second(client, kit, loaded, mine, theirs)
        answer = client.post(f"/kits/edit/{kit.id}", data=untouched(page))

        assert "بدون این ردیف" in page
        assert answer.status_code == 302
        assert [part[:2] for part in parts(session, manager)] == [("دوره", 1), ("کتاب", 9)]

    def test_let_the_others_removal_stand_where_the_line_was_not_touched(
        self, session, manager, client, kit, loaded, book, course
    ):
        first, second = (part.id for part in kit.parts)
        mine = lines((course, 5, 200_000, first), (book, 2, 50_000, second))
        theirs = lines((course, 1, 200_000, first))

        page = self._second(client, kit, loaded, mine, theirs)
        client.post(f"/kits/edit/{kit.id}", data=untouched(page))

        assert [part[:2] for part in parts(session, manager)] == [("دوره", 5)]

    def test_have_the_others_order_where_theirs_alone_was_changed(
        self, session, manager, client, kit, loaded, book, course
    ):
        first, second = (part.id for part in kit.parts)
        mine = lines((course, 1, 200_000, first), (book, 2, 50_000, second), title="نو")
        theirs = lines((book, 2, 50_000, second), (course, 1, 200_000, first))

        page = self._second(client, kit, loaded, mine, theirs)
        client.post(f"/kits/edit/{kit.id}", data=untouched(page))

        assert [part[0] for part in parts(session, manager)] == ["کتاب", "دوره"]
        assert session.scalars(select(Kit.title)).all() == ["نو"]


class TestTheTrail:
    def test_says_which_line_was_changed_added_and_removed(self, session, client, kit, book, course):
        pen = ProductFactory(title="قلم", price=1)
        _first, second = (part.id for part in kit.parts)

        client.post(f"/kits/edit/{kit.id}", data=lines((book, 5, 50_000, second), (pen, 1, 10)))

        events = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "Kit")).all()
        also = {(each["action"], each["label"]): each for each in events[-1].after["@also"]}
        assert events[-1].after["@label"] == "بسته"
        assert set(also) == {("edit", "کتاب"), ("add", "قلم"), ("delete", "دوره")}
        assert also["edit", "کتاب"]["before"]["count"] == 2
        assert also["edit", "کتاب"]["after"]["count"] == 5
        page = client.get(f"/kits/trail/{kit.id}").text
        assert "«کتاب»" in page
        assert "«دوره»" in page
        assert not session.scalars(select(AuditEvent).where(AuditEvent.object_type == "KitPart")).all()

    def test_names_the_row_when_lines_alone_were_moved(self, session, client, kit, book, course):
        first, second = (part.id for part in kit.parts)

        client.post(
            f"/kits/edit/{kit.id}", data=lines((book, 2, 50_000, second), (course, 1, 200_000, first))
        )

        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert (event.object_type, event.object_id, event.action) == ("Kit", kit.id, "edit")
        assert event.after["@label"] == "بسته"
        assert [each["label"] for each in event.after["@also"]] == ["دوره"]


def test_a_note_stands_over_the_form(client, kit):
    assert "A new kit &lt;b&gt;" in client.get("/kits/add").text
    assert f"Kit {kit.id}" in client.get(f"/kits/edit/{kit.id}").text
    assert f"Kit {kit.id}" in client.post(f"/kits/edit/{kit.id}", data=lines(("", 1, ""), title="")).text
