"""S04: a writer who sees only their own rows makes rows of their own and gives none away, by key, relation or statement."""

from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.orm import registry, relationship

from models.assignment import Assignment, AssignmentMethod
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order
from models.organization import Organization
from models.product import Product
from models.sale import Sale
from models.tenancy.scope import Actor, ForeignRow, bind
from tests.factories import FollowUpFactory, member

# A model with its owner's column and relation, and what a row of it needs besides.
OWNED = {
    Sale: ("consultant_id", "consultant", lambda given: {**_of(given), "amount": 1}),
    FollowUp: ("consultant_id", "consultant", lambda given: {**_of(given), "product_id": given.product_id}),
    Assignment: (
        "to_member_id",
        "to_member",
        lambda given: {"order_id": given.order_id, "method": AssignmentMethod.MANUAL},
    ),
}
every_owned = pytest.mark.parametrize("model", OWNED, ids=lambda model: model.__name__)
examples = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
WHO = st.sampled_from(["me", "colleague", "nobody"])
STEPS = st.lists(st.tuples(st.sampled_from(["column", "relation"]), WHO), max_size=4)


def _of(given):
    return {"order_id": given.order_id, "customer_id": given.customer_id}


class Desk:
    """A consultant at work, a colleague, and a follow-up of the consultant's to hang rows on."""

    def __init__(self, session, manager, consultant, colleague):
        self.boss, organization_id = manager.id, manager.organization_id
        self.session, self.me, self.colleague = session, consultant.id, colleague.id
        FollowUpFactory(consultant_id=colleague.id)
        mine = FollowUpFactory(consultant_id=consultant.id)
        session.commit()
        self.mine = SimpleNamespace(
            order_id=mine.order_id, customer_id=mine.customer_id, product_id=mine.product_id
        )
        self.actor = Actor(organization_id, self.me, own=True)
        bind(session, self.actor)

    def fields(self, model):
        # The index of living follow-ups allows one for an order, so new ones hang on an order without.
        values = OWNED[model][2](self.mine)
        if model is FollowUp:
            order = Order(customer_id=self.mine.customer_id, product_id=self.mine.product_id)
            self.session.add(order)
            self.session.flush()
            values["order_id"] = order.id
        return values

    def named(self, who):
        return {"me": self.me, "colleague": self.colleague, "nobody": None}[who]

    def flushed(self, row, steps=(), shelf=None):
        """Name owners one after the other; then whose the row is after the flush, None where it was refused.

        With a *shelf* the row is put among its rows instead.
        """
        savepoint = self.session.begin_nested()
        try:
            self._write(row, steps)
            if shelf is not None:
                shelf.rows.append(row)
            self.session.add(row)
            self.session.flush()
        except ForeignRow:
            savepoint.rollback()
            self.session.expunge_all()
            return None
        return getattr(row, type(row).__owner__ or "created_by_id")

    def _write(self, row, steps):
        for way, who in steps:
            column, relation, _fields = OWNED[type(row)]
            key = self.named(who)
            person = key and self.session.get(Member, key)
            setattr(row, *((column, key) if way == "column" else (relation, person)))


@pytest.fixture
def desk(session, manager, consultant, colleague):
    return Desk(session, manager, consultant, colleague)


@every_owned
@examples
@given(steps=STEPS)
def test_a_new_row_is_the_writers_or_is_not_there(desk, model, steps):
    owner = desk.flushed(model(**desk.fields(model)), steps)

    assert owner in {None, desk.me}
    # A relation that is emptied on purpose is refused.
    if all(who == "me" or (way, who) == ("column", "nobody") for way, who in steps):
        assert owner == desk.me


@pytest.mark.parametrize("model", [Sale, FollowUp], ids=lambda model: model.__name__)
@examples
@given(steps=STEPS.filter(bool))
def test_a_row_is_not_given_away(desk, model, steps):
    row = model(**desk.fields(model), consultant_id=desk.me)
    desk.flushed(row)
    key = row.id

    desk.flushed(row, steps)

    owner = select(model.consultant_id).where(model.id == key)
    assert desk.session.scalars(owner).one() == desk.me


@every_owned
def test_a_row_that_names_the_colleague_by_relation_alone_is_refused(desk, model):
    """The case of the finding: the key is filled during the flush."""
    _column, relation, _fields = OWNED[model]

    assert (
        desk.flushed(model(**desk.fields(model), **{relation: desk.session.get(Member, desk.colleague)}))
        is None
    )


class TestStatements:
    @every_owned
    @pytest.mark.parametrize("who", ["colleague", "nobody"])
    def test_a_bulk_insert_names_the_writer(self, desk, model, who):
        row = desk.fields(model) | {"organization_id": desk.actor.organization_id}
        named = {OWNED[model][0]: desk.named(who)} if desk.named(who) else {}

        with pytest.raises(ForeignRow):
            desk.session.execute(insert(model), [row | named])

    @pytest.mark.parametrize("column", ["consultant_id", "created_by_id", "organization_id"])
    def test_an_update_gives_nothing_away(self, desk, stranger_organization, column):
        value = stranger_organization.id if column == "organization_id" else desk.colleague
        statement = update(FollowUp).values({column: value})

        with pytest.raises(ForeignRow):
            desk.session.execute(statement.execution_options(synchronize_session=False))

    def test_an_update_of_other_columns_goes_through(self, desk):
        statement = update(FollowUp).values(attempts=7).execution_options(synchronize_session=False)

        assert desk.session.execute(statement).rowcount == 1

    def test_a_manager_gives_rows_to_consultants(self, desk):
        bind(desk.session, Actor(desk.actor.organization_id, desk.boss))

        assert (
            desk.flushed(Sale(**desk.fields(Sale), consultant=desk.session.get(Member, desk.colleague)))
            == desk.colleague
        )

    def test_a_manager_gives_none_to_another_organisation(self, desk, stranger_organization):
        bind(desk.session, Actor(desk.actor.organization_id, desk.boss))
        stranger = member("Consultant", stranger_organization, "stranger")

        assert desk.flushed(Sale(**desk.fields(Sale), consultant=stranger)) is None


def test_an_author_gives_nothing_away(desk):
    """What its author sees as their own is named by another column: orders and customers."""
    order = Order(customer_id=desk.mine.customer_id, product_id=desk.mine.product_id)
    assert desk.flushed(order) == desk.me
    order.created_by_id = desk.colleague

    with pytest.raises(ForeignRow):
        desk.session.flush()


@pytest.fixture(scope="module")
def shelf():
    """Members and organisations once more, as models that bring such collections."""
    mapped = registry()
    sales, products = Sale.__table__.c, Product.__table__.c

    def shelf(of, key, model):
        made = type(f"{of.__name__}Shelf", (), {})
        joined = key == of.__table__.c.id
        rows = relationship(model, primaryjoin=joined, foreign_keys=[key], overlaps="consultant")
        mapped.map_imperatively(made, of.__table__, properties={"rows": rows})
        return made

    yield (
        shelf(Member, sales.consultant_id, Sale),
        shelf(Organization, products.organization_id, Product),
    )
    mapped.dispose()


class TestCollections:
    """The other side of a relation, which knows no way back: the key is filled by nothing but the flush."""

    @pytest.mark.parametrize("who", ["me", "colleague"])
    def test_fill_the_owner_with_the_writer_alone(self, desk, shelf, who):
        row = Sale(**desk.fields(Sale))
        owner = desk.session.get(shelf[0], desk.named(who))

        assert desk.flushed(row, shelf=owner) == (desk.me if who == "me" else None)

    def test_fill_the_organisation_with_the_acting_one_alone(self, desk, shelf, stranger_organization):
        bind(desk.session, desk.actor)
        row = Product(title="ب", code="ب", price=1)
        stranger = desk.session.get(shelf[1], stranger_organization.id)

        assert desk.flushed(row, shelf=stranger) is None
