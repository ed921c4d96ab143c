"""What a member owns, read as a list of keys, is what the test of single rows says: no row more, no row less."""

from __future__ import annotations

import pytest
from sqlalchemy import and_, event, func, insert, select, text
from sqlalchemy.orm import aliased
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BooleanClauseList

from models.customer import Address, Customer, CustomerPhone
from models.dossier import Dossier, DossierContact
from models.order import Order
from models.sms.message import SmsMessage
from models.tenancy.criteria import tenant_models
from models.tenancy.scope import Actor, bind
from tests.factories import FollowUpFactory

MODELS = (Customer, Address, Order, SmsMessage)
# Their lists are tens of rows, so that they have no index in the order of a page.
SMALL = (CustomerPhone, Dossier, DossierContact)


def keys(session, statement, **options):
    return sorted(session.scalars(statement, execution_options=options))


@pytest.mark.parametrize("model", [*MODELS, *SMALL])
@pytest.mark.parametrize("with_deleted", [False, True])
def test_are_the_rows_that_the_member_owns(session, organization, people, shared_rows, model, with_deleted):
    found = []
    for person in people[1:]:
        bind(session, Actor(organization.id, people[0].id))
        one_by_one = keys(
            session, select(model.id).where(model.owned_by(person.id)), with_deleted=with_deleted
        )
        bind(session, Actor(organization.id, person.id, own=True))
        assert keys(session, select(model.id), with_deleted=with_deleted) == one_by_one
        found.append(one_by_one)
    assert all(found)
    assert len({tuple(each) for each in found}) == len(found)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("descending", [False, True])
def test_come_in_the_order_and_range_of_a_page(session, organization, people, shared_rows, model, descending):
    bind(session, Actor(organization.id, people[1].id, own=True))
    own = keys(session, select(model.id))
    middle = own[len(own) // 2]
    for condition, wanted in (
        (model.id < middle, [key for key in own if key < middle]),
        (model.id > middle, [key for key in own if key > middle]),
        (model.id >= middle, [key for key in own if key >= middle]),
        (and_(model.id > own[0], model.id <= middle), [key for key in own if own[0] < key <= middle]),
    ):
        by = model.id.desc() if descending else model.id
        page = session.scalars(select(model.id).where(condition).order_by(by).limit(3)).all()
        assert page == sorted(wanted, reverse=descending)[:3]


@pytest.mark.parametrize("model", MODELS)
def test_decide_for_single_rows_too(session, organization, people, shared_rows, model):
    everything = keys(session, select(model.id))
    bind(session, Actor(organization.id, people[1].id, own=True))
    own = keys(session, select(model.id))
    one_by_one = [key for key in everything if session.scalar(select(model.id).where(model.id == key))]

    assert set(own) < set(everything)
    assert one_by_one == own
    assert keys(session, select(model.id).where(model.id.in_(everything))) == own


def test_decide_for_the_rows_of_one_parent(session, organization, people, shared_rows):
    customers = keys(session, select(Customer.id), with_deleted=True)
    bind(session, Actor(organization.id, people[1].id, own=True))
    found = [
        key
        for customer in customers
        for key in session.scalars(select(Order.id).where(Order.customer_id == customer))
    ]

    assert sorted(found) == keys(session, select(Order.id))


def test_of_another_alias_are_not_narrowed(session, organization, people, shared_rows):
    """A range of the orders that others repeat says nothing of the orders themselves."""
    bind(session, Actor(organization.id, people[1].id, own=True))
    own = keys(session, select(Order.id))
    session.get_one(Order, own[-1]).repeat_of_id = own[0]
    session.commit()
    first = aliased(Order)
    statement = select(Order.id).join(first, first.id == Order.repeat_of_id).where(first.id <= own[0])

    assert keys(session, statement) == [own[-1]]


@pytest.mark.parametrize("model", MODELS)
def test_are_all_rows_for_who_sees_all(session, organization, manager, shared_rows, model):
    assert len(keys(session, select(model.id))) == session.scalar(select(func.count(model.id)))


@pytest.mark.parametrize("model", MODELS)
def test_never_leave_the_organisation(session, stranger_organization, people, shared_rows, model):
    bind(session, Actor(stranger_organization.id, people[1].id, own=True))

    assert keys(session, select(model.id)) == []


def test_every_table_whose_owner_is_an_or_declares_them():
    alike = {model for model in tenant_models() if is_or(model.owned_by(1)) and not model.owned_ids(1)}

    # A few rows in all, or read by their parent alone.
    assert {model.__tablename__ for model in alike} == {
        "table_views",
        "saved_reports",
        "sms_variable_values",
        "attachments",
    }


def is_or(condition):
    return isinstance(condition, BooleanClauseList) and condition.operator is operators.or_


@pytest.mark.parametrize(
    "address",
    [
        "/customers/",
        "/orders/",
        "/customers/?q=کاشانی",
        "/orders/?tab=waiting",
        "/customers/?sort=city&end=1",
        "/orders/?after=9.9",
    ],
)
def test_a_consultants_list_reads_them(login, consultant, statements, address):
    FollowUpFactory(consultant_id=consultant.id)
    client = login(consultant)
    client.get("/customers/")  # How much the member owns is asked once in ten minutes.
    statements.clear()

    assert client.get(address).status_code == 200

    table = address.split("/")[1]
    read = [each for each in statements if f"FROM {table}" in each]
    assert read
    assert all(" UNION " in " ".join(each.split()) for each in read)


def test_a_single_row_is_tested_by_itself(session, login, consultant, statements):
    follow_up = FollowUpFactory(consultant_id=consultant.id)
    session.commit()
    client = login(consultant)
    statements.clear()

    assert client.get(f"/customers/show/{follow_up.customer_id}").status_code == 200
    assert not [each for each in statements if "WHERE customers.id =" in each and "UNION" in each]


@pytest.fixture
def many(session, organization, people, shared_rows):
    """Enough rows of the manager that the planner prefers the indexes of the owner, and statistics of them."""
    shared = {"organization_id": organization.id, "created_by_id": people[0].id}
    order = session.scalars(select(Order)).first()
    of_order = shared | {"customer_id": order.customer_id, "product_id": order.product_id}
    session.execute(insert(Customer), [shared | {"mobile": f"+98930{n:07}"} for n in range(2_000)])
    session.execute(insert(Order), [of_order for _ in range(2_000)])
    session.commit()
    session.connection().execute(text("ANALYZE customers, orders, follow_ups"))


PAGES = {
    "first": lambda model: select(model.id).order_by(model.id.desc()),
    "deep": lambda model: select(model.id).where(model.id < 10**9).order_by(model.id.desc()),
    "last": lambda model: select(model.id).order_by(model.id),
}


@pytest.mark.postgresql
@pytest.mark.parametrize("model", [Customer, Order])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_sorts_nothing_and_reads_indexes(
    session, organization, people, shared_rows, many, model, page
):
    """Keys come from one index per source, merged in the order of the page."""
    bind(session, Actor(organization.id, people[1].id, own=True))
    for way in ("seqscan", "bitmapscan", "sort"):
        session.connection().execute(text(f"SET LOCAL enable_{way} = off"))

    def explain(_connection, _cursor, statement, parameters, _context, _many):
        return f"EXPLAIN {statement}", parameters

    event.listen(session.get_bind(), "before_cursor_execute", explain, retval=True)
    try:
        seen = [str(row[0]) for row in session.execute(PAGES[page](model).limit(25))]
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", explain)
    plan = "\n".join(seen)
    assert "Merge Append" in plan
    assert f"ix_{model.__tablename__}_created_by_id" in plan
    assert "Sort  (" not in plan
