"""Hostile arguments, forged fields and odd numbers: groups Q, P and N at the inputs that exist, by their case ids."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

import views
from app.lib.discover import import_all
from app.panel.section import Section
from models.customer import Customer
from models.follow_up import FollowUp, FollowUpEntry
from models.order import Order
from models.organization import CurrencyChoice
from models.product import Product
from models.tenancy.scope import Actor, acting_as
from tests.factories import FollowUpFactory, ProductFactory, ResultTitleFactory, member

import_all(views)
CASES = json.loads((Path(__file__).parents[2] / "data/hostile_inputs.json").read_text("utf-8"))
# Children have no list.
SECTIONS = [
    section
    for section in Section.registry
    if section.__module__.startswith("views.") and section.only_in is None
]
# Cases about addresses, bodies and methods, each with a test of its own below.
APART = {"Q33", "Q35", "Q45", "Q46", "Q47", "Q51", "Q54"}
# What the cases call by FAB's names, in the words of our own lists.
OURS = {"page_X": "page", "psize_X": "size", "_oc_X": "sort", "_flt_2_name": "q", "_flt_0_mobile": "q"}
OURS |= {"_flt_5_created": "f_created_at_from", "_flt_1_created": "f_created_at_from"}
NOWHERE_YET = {
    "P10": "the profile; tests/account/test_account.py",
    "P12": "the profile; tests/account/test_account.py",
    "P20": "campaigns come in a later step",
    "P21": "tasks come in a later step",
}


def of(group):
    wanted = [case for case in CASES if case["id"][0] == group]
    return pytest.mark.parametrize("case", wanted, ids=lambda case: case["id"])


def queries_of(case, name):
    """The arguments as written for FAB's view *name*, and as our own list spells them."""
    value = "&".join(["_flt_0_name=a"] * 300) if "300 times" in case["value"] else case["value"]
    value = value.replace("(500 × س)", "س" * 500)
    ours = value
    for theirs, own in OURS.items():
        ours = ours.replace(theirs, own)
    return [part.replace("_X", f"_{name}").replace("{", quote("{")) for part in (value, ours)]


@pytest.fixture
def foreign(session, manager, stranger_organization):
    """What the other organisation has: a product, a title, a person."""
    person = member("Consultant", stranger_organization)
    with acting_as(session, Actor(stranger_organization.id, person.id)):
        row = FollowUpFactory(consultant_id=person.id)
        return {
            "follow_up": row.id,
            "product": row.product_id,
            "result_title": ResultTitleFactory().id,
            "member": person.id,
        }


class TestArguments:
    @pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.slug)
    def test_are_refused_or_ignored_on_every_list(self, login, manager, foreign, section):
        """And no word of a foreign row comes with the answer: the client looks for them."""
        client = login(member("Admin", None) if set(section.roles) == {"Admin"} else manager)
        cases = [case for case in CASES if case["id"][0] == "Q" and case["id"] not in APART]

        codes = {
            f"{case['id']} {query[:60]}": client.get(f"/{section.slug}/?{query}").status_code
            for case in cases
            for query in queries_of(case, section.__name__)
        }

        assert {case: code for case, code in codes.items() if code not in {200, 400}} == {}

    @pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.slug)
    def test_keys_that_are_none_do_not_exist_q33_q35(self, login, manager, section):
        client, expected = login(manager), {403} if set(section.roles) == {"Admin"} else {404}
        keys = ["99999999999999999999", "1%00", "1\0", "0x1", "-1", "1.0", "١"]

        assert {client.get(f"/{section.slug}/show/{quote(key)}").status_code for key in keys} == expected

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("application/json", "[" * 10_000 + "]" * 10_000),
            ("application/json", "[]"),
            ("application/json", "5"),
            ("text/plain", '{"mobile": "09121234567"}'),
        ],
        ids=["Q45", "Q46", "Q46 number", "Q47"],
    )
    def test_bodies_of_other_kinds_are_empty_forms(self, session, login, manager, kind, body):
        answer = login(manager).post("/customers/add", data=body, content_type=kind)

        assert answer.status_code in {400, 415, 422}
        assert session.scalar(select(func.count()).select_from(Customer)) == 0

    @pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.slug)
    def test_other_methods_are_not_spoken_q51(self, login, manager, section):
        client, methods = login(manager), ("TRACE", "PUT", "PATCH", "DELETE")

        assert {client.open(f"/{section.slug}/", method=method).status_code for method in methods} == {405}

    def test_a_forged_address_is_not_believed_q54(self, app, login, manager):
        with app.test_request_context(headers={"X-Forwarded-For": "1.2.3.4"}) as context:
            assert context.request.remote_addr != "1.2.3.4"


class TestForgedFields:
    """By case: what is sent beside an honest form, and that it changed nothing."""

    FIELDS = {
        "P02": lambda colleague: {"owner_id": colleague, "consultant_id": colleague, "consultant": colleague},
        "P04": lambda colleague: {"id": 999999},
        "P05": lambda colleague: {
            "created_by": colleague,
            "created_by_id": colleague,
            "created_on": "1300/01/01",
        },
        "P25": lambda colleague: {"owner_id[]": 5, "created_by_id[]": colleague},
    }

    @pytest.mark.parametrize("case", FIELDS)
    def test_are_ignored_when_a_row_is_added(self, session, login, consultant, colleague, case):
        forged = self.FIELDS[case](colleague.id)

        login(consultant).post("/customers/add", data={"mobile": "09121234567", **forged})

        row = session.scalars(select(Customer)).one()
        assert row.created_by_id == consultant.id
        assert row.id != 999999

    @pytest.mark.parametrize("case", FIELDS)
    def test_are_ignored_when_a_row_is_edited(self, session, login, consultant, colleague, case):
        row = FollowUpFactory(consultant_id=consultant.id)
        before = (row.id, row.consultant_id, row.created_by_id, row.created_at)

        answer = login(consultant).post(f"/follow-ups/edit/{row.id}", data=self.FIELDS[case](colleague.id))

        session.refresh(row)
        assert answer.status_code == 302
        assert (row.id, row.consultant_id, row.created_by_id, row.created_at) == before

    def test_a_version_that_never_was_is_a_conflict_p07(self, login, manager):
        row = ProductFactory()
        data = {"title": "تازه", "code": row.code, "row_version": "999999"}

        assert login(manager).post(f"/products/edit/{row.id}", data=data).status_code == 409

    def test_a_foreign_product_is_no_choice_p15(self, session, login, manager, foreign):
        data = {"mobile": "09121234567", "product": foreign["product"]}

        answer = login(manager).post("/orders/add", data=data)

        assert answer.status_code == 422
        assert 'id="product-error"' in answer.text
        assert session.scalar(select(func.count()).select_from(Order)) == 0

    def test_a_foreign_consultant_is_no_choice_p16(self, session, login, manager, consultant, foreign):
        row = FollowUpFactory(consultant_id=consultant.id)
        data = {"action": "reassign", "_step": "run", "rowid": row.id, "member": foreign["member"]}

        answer = login(manager).post("/follow-ups/action_post", data=data)

        session.refresh(row)
        assert answer.status_code == 422
        assert row.consultant_id == consultant.id

    def test_a_foreign_result_title_is_no_choice_p17(self, session, login, consultant, foreign):
        row = FollowUpFactory(consultant_id=consultant.id)

        answer = login(consultant).post(
            f"/follow-ups/{row.id}/result", data={"result_title": foreign["result_title"]}
        )

        assert answer.status_code == 422
        assert session.scalar(select(func.count()).select_from(FollowUpEntry)) == 0

    def test_a_file_is_reached_through_its_own_row_only_p23(self, login, consultant, foreign):
        row = FollowUpFactory(consultant_id=consultant.id)
        uuid = "12345678-1234-5678-1234-567812345678"

        assert login(consultant).get(f"/follow-ups/{row.id}/files/{uuid}").status_code == 404
        assert login(consultant).get(f"/follow-ups/{foreign['follow_up']}/files/{uuid}").status_code == 404

    def test_a_batch_with_one_foreign_row_changes_nothing_p26(self, session, login, consultant, foreign):
        row = FollowUpFactory(consultant_id=consultant.id)
        data = {"action": "remove", "_step": "run", "rowid": [row.id, foreign["follow_up"]]}

        answer = login(consultant).post("/follow-ups/action_post", data=data)

        assert answer.status_code == 404
        assert session.scalar(select(FollowUp.deleted_at).where(FollowUp.id == row.id)) is None

    def test_every_case_has_its_test_or_says_where(self):
        here = {case["id"] for case in CASES if case["id"][0] == "P"}
        tests = " ".join(name for name in vars(TestForgedFields) if name.startswith("test_"))

        tested = {case for case in here if case.lower() in tests} | self.FIELDS.keys()
        assert here - tested - NOWHERE_YET.keys() == set()


class TestNumbers:
    @of("N")
    def test_at_a_price_in_rials(self, session, login, organization, manager, case):
        organization.currency = CurrencyChoice.RIAL

        answer = login(manager).post(
            "/products/add", data={"title": "a", "code": "N-1", "price": case["value"]}
        )

        if case["expect"].startswith("REJ"):
            assert answer.status_code == 422
            assert 'id="price-error"' in answer.text
        else:
            wanted = int(case["expect"].removeprefix("OK ")) if case["expect"][:2] == "OK" else 0
            assert session.scalars(select(Product.price).where(Product.code == "N-1")).one() == wanted

    @of("N")
    def test_at_a_quantity(self, session, login, manager, case):
        data = {"mobile": "09121234567", "product": ProductFactory().id, "quantity": case["value"]}

        answer = login(manager).post("/orders/add", data=data)

        assert answer.status_code in {302, 422}
        if case["expect"].startswith("REJ"):
            assert answer.status_code == 422
            assert 'id="quantity-error"' in answer.text

    @of("N")
    @pytest.mark.parametrize("name", ["n", "size", "after", "before", "end"])
    def test_at_the_numbers_of_a_list(self, login, manager, name, case):
        assert login(manager).get("/orders/", query_string={name: case["value"]}).status_code == 200


KEYS_OF_NO_ROW = [str(2**31), str(2**63 - 1), "9" * 18]


class TestAKeyThatNoRowCanHave:
    """Those of members are smaller numbers than ours, and PostgreSQL calls a larger one an error."""

    @pytest.mark.parametrize("key", KEYS_OF_NO_ROW)
    @pytest.mark.parametrize(
        "path", ["follow-ups/?f_consultant={}", "products/?after={}-", "members/?after={}.a"]
    )
    def test_narrows_a_list_to_nothing(self, login, manager, path, key):
        assert login(manager).get(f"/{path.format(key)}").status_code in {200, 404}

    @pytest.mark.parametrize("key", KEYS_OF_NO_ROW)
    @pytest.mark.parametrize("path", ["members/show/{}", "members/edit/{}", "customers/show/{}"])
    def test_opens_no_page(self, login, manager, path, key):
        assert login(manager).get(f"/{path.format(key)}").status_code == 404

    @pytest.mark.parametrize("key", [*KEYS_OF_NO_ROW, "9" * 30, "9" * 5000])
    def test_is_no_choice_of_a_form(self, session, login, consultant, key):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        session.commit()

        answer = login(consultant).post(f"/follow-ups/{follow_up.id}/result", data={"result_title": key})

        assert answer.status_code == 422
        assert session.scalar(select(func.count(FollowUpEntry.id))) == 0
