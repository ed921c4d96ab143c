"""What stands beside the rows of every test that acts for somebody: it is there, and nothing that is asked finds it."""

import pytest
from sqlalchemy import select

from models.assignment import Assignment
from models.customer import Address, Customer
from models.follow_up import FollowUp, FollowUpEntry
from models.member import Member
from models.order import Order
from models.organization import Organization
from models.product import Product
from models.result_title import ResultTitle
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import ProductFactory
from tests.support.beside import CODE, SLUG
from tests.support.canaries import GONE, GONE_MOBILE, STRANGE_MOBILES

MAIN = (Customer, Address, Order, FollowUp)
DELETED = {"with_deleted": True}


@pytest.mark.parametrize("model", [*MAIN, Product, ResultTitle, FollowUpEntry, Assignment])
def test_another_organisation_has_living_rows(session, organization, manager, model):
    next_door = session.scalars(select(Organization.id).where(Organization.slug == SLUG)).one()
    assert next_door != organization.id

    with acting_as(session, Actor(next_door)):
        assert session.scalars(select(model.id)).all() != []


def test_people_work_in_it(session, organization, manager):
    names = select(Member.username).join(Member.organization).where(Organization.slug == SLUG)

    assert set(session.scalars(names)) == {f"{SLUG}-manager", f"{SLUG}-consultant"}


@pytest.mark.parametrize("who", ["manager", "consultant", "colleague"])
@pytest.mark.parametrize("model", [*MAIN, Product, ResultTitle])
def test_everybody_has_deleted_rows(request, session, who, model):
    person = request.getfixturevalue(who)
    buried = select(model.deleted_by_id).where(model.deleted_at.is_not(None))

    assert person.id in session.scalars(buried, execution_options=DELETED).all()


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("model", [*MAIN, FollowUpEntry, Assignment])
def test_none_of_it_is_found(session, organization, consultant, model, own):
    bind(session, Actor(organization.id, consultant.id, own=own))

    assert session.scalars(select(model.id)).all() == []


def test_several_products_have_one_code(session, organization, manager):
    assert len(session.scalars(select(Product.id).where(Product.code == CODE)).all()) == 1
    assert (
        len(session.scalars(select(Product.id).where(Product.code == CODE), execution_options=DELETED).all())
        > 1
    )


class TestAColleague:
    """The further consultant of `colleagues_rows`."""

    pytestmark = pytest.mark.usefixtures("colleagues_rows")

    def test_has_a_living_and_a_closed_follow_up(self, session, manager):
        rows = session.scalars(select(FollowUp)).all()

        assert {row.status.is_closed for row in rows} == {False, True}
        assert manager.id not in {row.consultant_id for row in rows}

    @pytest.mark.parametrize("model", MAIN)
    def test_shows_them_to_no_other(self, session, organization, consultant, model):
        bind(session, Actor(organization.id, consultant.id, own=True))

        assert session.scalars(select(model.id)).all() == []

    @pytest.mark.parametrize(
        "address", ["customers/", "orders/", "follow-ups/?tab=all", "palette/rows?q=canary"]
    )
    def test_is_in_no_list_of_another(self, session, login, consultant, address):
        """`Browser` refuses pages with a colleague's word; a list without any row is one without his."""
        session.commit()

        page = login(consultant).get(f"/{address}")

        assert page.status_code == 200
        assert "data-pk" not in page.text

    def test_has_one_that_was_another_consultants(self, session, consultant):
        mine = select(FollowUp.order_id).where(FollowUp.consultant_id == consultant.id)
        orders = session.scalars(mine, execution_options=DELETED).all()

        assert session.scalars(select(Order.id).where(Order.id.in_(orders))).all() != []

    def test_is_nobody_where_a_test_acts_for_nobody(self, request):
        assert "session" not in request.fixturenames


@pytest.mark.parametrize("word", [GONE, *STRANGE_MOBILES, GONE_MOBILE, "۰۹۹۰ ۴۴۴ ۰۰۰۱", "09904440002"])
def test_a_page_that_shows_it_fails_the_test(session, login, manager, word):
    row = ProductFactory(title=f"«{word}»")
    session.commit()

    with pytest.raises(AssertionError, match="shows"):
        login(manager).get(f"/products/show/{row.id}")
