"""The pages of the trail: what they say, how they narrow, and who may not open them."""

import pytest
from sqlalchemy import select

from models.audit.event import AuditEvent
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, FollowUpFactory, ProductFactory, member


@pytest.fixture
def event(session, manager) -> AuditEvent:
    """An edit of a product's price, made by the manager."""
    row = AuditEvent(
        actor_id=manager.id,
        action="edit",
        object_type="Product",
        object_id=ProductFactory().id,
        before={"price": 10_000},
        after={"price": 20_000, "is_active": False, "@label": "دوره مالی"},
        request_id="trace-1",
    )
    session.add(row)
    session.commit()
    return row


class TestTheList:
    def test_says_when_who_what_and_on_which_row(self, login, manager, event):
        page = login(manager).get("/audit/").text

        assert f'data-pk="{event.id}"' in page
        for words in (manager.full_name, "ویرایش", "محصول", "دوره مالی"):
            assert words in page

    def test_names_the_number_of_rows_of_a_bulk_act(self, session, login, manager):
        session.add(AuditEvent(action="delete", object_type="Product", after={"@rows": [1, 2, 3]}))

        assert "۳ محصول" in login(manager).get("/audit/").text

    @pytest.mark.parametrize(
        ("arguments", "found"),
        [
            ("f_action=edit", True),
            ("f_action=delete", False),
            ("f_action=nonsense", True),
            ("f_object_type=Product", True),
            ("f_object_type=Customer", False),
            ("f_at_from=1500/01/01", True),
            ("f_at_from=1499/01/01", False),
            ("f_at_to=1499/01/01", True),
        ],
    )
    def test_narrows(self, login, manager, event, arguments, found):
        page = login(manager).get(f"/audit/?{arguments}").text

        assert (f'data-pk="{event.id}"' in page) is found

    def test_narrows_to_one_person(self, login, manager, consultant, event):
        client = login(manager)

        assert f'data-pk="{event.id}"' in client.get(f"/audit/?f_actor={manager.id}").text
        assert f'data-pk="{event.id}"' not in client.get(f"/audit/?f_actor={consultant.id}").text

    def test_asks_the_same_few_questions_for_any_number_of_rows(self, session, login, manager, statements):
        client = login(manager)
        counts = {}
        for size in (25, 100):
            session.add_all(
                AuditEvent(actor_id=manager.id, action="edit", object_type="Product") for _ in range(size)
            )
            session.commit()
            statements.clear()
            client.get(f"/audit/?size={size}")
            counts[size] = len(statements)

        # A page that has all rows tells their number itself; the other asks for it.
        assert counts[100] - counts[25] in {0, 1}
        assert counts[100] <= 6


class TestAnEvent:
    def test_shows_before_and_after_in_the_words_of_the_panel(self, login, manager, event):
        page = login(manager).get(f"/audit/show/{event.id}").text

        for words in ("قیمت", "۱٬۰۰۰", "۲٬۰۰۰", "خیر", "trace-1"):
            assert words in page
        assert "@label" not in page

    def test_names_the_people_behind_keys(self, session, login, manager, consultant, colleague):
        row = AuditEvent(
            action="reassign",
            object_type="FollowUp",
            before={"consultant_id": consultant.id},
            after={"consultant_id": colleague.id, "status": "won"},
        )
        session.add(row)
        session.commit()

        page = login(manager).get(f"/audit/show/{row.id}").text

        assert consultant.full_name in page
        assert colleague.full_name in page

    def test_of_an_unknown_table_is_shown_as_it_is(self, session, login, manager):
        odd = {
            "x": 1,
            "y": None,
            "z": {"a": [1]},
            "@also": [{"type": "Gone", "id": 1, "action": "q", "before": None, "after": {"w": "v"}}],
        }
        row = AuditEvent(action="unheard", object_type="Nothing", after=odd)
        session.add(row)
        session.commit()

        assert login(manager).get(f"/audit/show/{row.id}").status_code == 200


class TestWhoMayNot:
    @pytest.mark.parametrize("role", ["Consultant", "SupportAgent", "Operator"])
    def test_read_the_trail(self, login, organization, event, role):
        person = member(role, None if role == "Operator" else organization, "somebody")

        client = login(person)

        assert client.get("/audit/").status_code == 403
        assert client.get(f"/audit/show/{event.id}").status_code == 403

    def test_see_events_of_another_organisation(self, session, login, manager, stranger_organization):
        with acting_as(session, Actor(stranger_organization.id)):
            foreign = AuditEvent(action="edit", object_type="Product", after={"@label": "بیگانه"})
            session.add(foreign)
            session.flush()
            key = foreign.id
        session.commit()
        client = login(manager)

        assert "بیگانه" not in client.get("/audit/").text
        assert client.get(f"/audit/show/{key}").status_code == 404

    @pytest.mark.parametrize("path", ["add", "edit/1", "delete/1", "action_post", "undo/1"])
    def test_write_it_by_any_route(self, login, manager, event, path):
        assert login(manager).post(f"/audit/{path}").status_code == 404


class TestTheTrailOfARow:
    def test_tells_of_acts_on_the_row_and_of_those_on_many(self, session, login, manager):
        other = CustomerFactory(last_name="موضوع")
        session.add_all(
            [
                AuditEvent(action="edit", object_type="Customer", object_id=other.id, after={"city": "یزد"}),
                AuditEvent(action="undo", object_type="Customer", after={"@rows": [7 * other.id, other.id]}),
                AuditEvent(
                    action="edit", object_type="Customer", object_id=10 * other.id, after={"city": "قم"}
                ),
                AuditEvent(action="edit", object_type="Product", object_id=other.id, after={"title": "نه"}),
                AuditEvent(
                    action="undo", object_type="Customer", after={"@rows": [10 * other.id], "city": "ری"}
                ),
            ]
        )
        session.commit()

        page = login(manager).get(f"/customers/trail/{other.id}").text

        assert "یزد" in page
        assert page.count("<article") == 3  # with its addition

    def test_hangs_on_the_row_for_who_may_read_it(self, login, manager):
        row = CustomerFactory()
        client = login(manager)

        assert "/customers/trail/__pk__" in client.get("/customers/").text
        assert f"/customers/trail/{row.id}" in client.get(f"/customers/show/{row.id}").text

    def test_is_not_for_consultants(self, login, manager, consultant):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        client = login(consultant)

        assert client.get(f"/follow-ups/trail/{follow_up.id}").status_code == 403
        assert "/follow-ups/trail/" not in client.get("/follow-ups/?tab=all").text

    def test_of_an_organisation_is_read_by_the_admin_who_acts_in_none(
        self, session, login, organization, manager
    ):
        admin = member("Admin", None)
        client = login(admin)
        client.post(f"/organizations/enter/{organization.id}")
        client.post("/organizations/leave")

        page = client.get(f"/organizations/trail/{organization.id}").text

        assert "ورود مدیر سامانه" in page


def test_an_act_in_the_panel_stands_in_the_trail_of_its_row(session, login, manager):
    row = CustomerFactory(first_name="مریم", last_name="رضایی")
    client = login(manager)
    client.post(
        f"/customers/edit/{row.id}", data={"mobile": row.mobile, "first_name": "مریم", "last_name": "کرمی"}
    )

    page = client.get(f"/customers/trail/{row.id}").text

    assert "رضایی" in page
    assert "کرمی" in page
    assert session.scalars(select(AuditEvent)).one().actor_id == manager.id
