"""Nobody else's rows: below FAB, on the session itself."""

import pytest
from sqlalchemy import and_, case, delete, exists, func, insert, select, text, true, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import aliased, selectinload

from app.extensions import db
from app.lib.clock import now
from models.assignment import Assignment, AssignmentMethod
from models.customer import Customer
from models.follow_up import FollowUp
from models.product import Product
from models.tenancy.criteria import ReadScope, form_of, with_criteria
from models.tenancy.scope import Actor, ForeignRow, ScopeError, Unscoped, acting_as, bind, whole_organization
from tests.factories import CustomerFactory, FollowUpFactory, ProductFactory, member


@pytest.fixture
def foreign(session, manager, stranger_organization):
    """A product and a customer of the other organisation."""
    with acting_as(session, Actor(stranger_organization.id)):
        product, customer = ProductFactory(title="بیگانه"), CustomerFactory()
        return product.id, customer.id


@pytest.mark.usefixtures("colleagues_rows")
class TestReading:
    @pytest.mark.parametrize(
        "statement",
        [
            lambda: select(Product.title),
            lambda: select(aliased(Product).title),
            lambda: select(func.max(Product.title)).group_by(Product.id),
            lambda: select(Product.title).where(exists(select(Product.id).where(Product.title == "بیگانه"))),
            lambda: select(select(Product.title).subquery().c.title),
            lambda: select(Product.title).union(select(Product.title)),
        ],
        ids=["columns", "alias", "aggregate", "exists", "subquery", "union"],
    )
    def test_a_foreign_row_is_in_no_answer(self, session, foreign, statement):
        assert "بیگانه" not in session.scalars(statement()).all()

    @pytest.mark.parametrize(
        "joined",
        [lambda: FollowUp.customer, lambda: FollowUp.customer.of_type(aliased(Customer))],
        ids=["relation", "aliased"],
    )
    def test_a_join_is_limited_where_the_statement_never_names_its_table(self, session, consultant, joined):
        follow_up = FollowUpFactory(consultant=consultant)
        statement = select(FollowUp.id).join(joined())
        before = set(session.scalars(statement))
        follow_up.customer.deleted_at = now()
        session.flush()

        assert before - set(session.scalars(statement)) == {follow_up.id}

    def test_one_kept_statement_shows_each_his_own(self, session, manager, foreign, stranger_organization):
        ours = ProductFactory(title="خودی")
        statement = select(Product.title).where(Product.title.in_(["خودی", "بیگانه"]))
        shown = [session.scalars(statement).all()]
        with acting_as(session, Actor(stranger_organization.id)):
            shown.append(session.scalars(statement).all())
        shown.append(session.scalars(statement).all())

        assert shown == [[ours.title], ["بیگانه"], [ours.title]]

    def test_the_form_of_a_statement_is_the_same_for_all_members(
        self, session, manager, consultant, colleague
    ):
        statement = select(FollowUp.id)
        forms = {
            with_criteria(statement, form_of(ReadScope(organization, owner, 0)), hide_deleted=True)
            for organization, owner in ((1, consultant.id), (1, colleague.id), (2, colleague.id))
        }
        all_rows = with_criteria(statement, form_of(ReadScope(1, None, 0)), hide_deleted=True)

        assert len(forms) == 1
        assert all_rows not in forms

    def test_a_given_parameter_does_not_replace_a_key_of_the_scope(
        self, session, consultant, colleague, foreign, stranger_organization
    ):
        theirs = FollowUpFactory(consultant_id=colleague.id)
        session.flush()
        given = {"scope_organization_id": stranger_organization.id, "scope_owner_id": colleague.id}
        bind(session, Actor(consultant.organization_id, consultant.id, own=True))

        assert foreign[0] not in session.scalars(select(Product.id), given).all()
        assert theirs.id not in session.scalars(select(FollowUp.id), given).all()

    def test_an_actor_of_own_rows_without_a_member_reads_none(self, session, consultant):
        ours = FollowUpFactory(consultant_id=consultant.id)
        session.flush()
        bind(session, Actor(consultant.organization_id, consultant.id, own=True))
        assert session.scalars(select(FollowUp.id)).all() == [ours.id]

        bind(session, Actor(consultant.organization_id, own=True))
        assert session.scalars(select(FollowUp.id)).all() == []

    def test_without_the_keys_of_the_scope_a_statement_is_refused(self, session, manager):
        scope = form_of(ReadScope(manager.organization_id, None, None))
        limited = with_criteria(select(Product.id), scope, hide_deleted=True)

        with pytest.raises(StatementError, match="scope_organization_id"):
            session.connection().execute(limited)

    def test_get_finds_no_foreign_row(self, session, foreign):
        assert session.get(Product, foreign[0]) is None

    def test_a_session_that_acts_for_nobody_refuses(self, session, foreign):
        session.info.clear()

        with pytest.raises(Unscoped):
            session.scalars(select(Product)).all()

    @pytest.mark.parametrize("statement", [Product.__table__.select, lambda: text("SELECT 1")])
    def test_what_goes_around_the_mapper_is_refused(self, session, manager, statement):
        with pytest.raises(Unscoped):
            session.execute(statement())

    def test_a_subquery_that_lost_its_entity_is_refused(self, session, foreign):
        both = and_(Product.id > 0, Product.title == "بیگانه")
        lost = select(func.sum(case((both, Product.id))).label("sum")).where(both)
        titles = select(func.max(Product.title).label("title")).where(both).subquery()

        def joined(sums):
            return select(titles.c.title, sums.c.sum).select_from(titles.join(sums, true()))

        with pytest.raises(Unscoped):
            session.execute(joined(lost.subquery())).all()
        assert session.execute(joined(lost.select_from(Product).subquery())).one() == (None, None)

    def test_without_an_organisation_everything_looks_empty(self, session, manager):
        ProductFactory()
        bind(session, Actor(organization_id=None, member_id=manager.id))

        assert session.scalars(select(Product)).all() == []

    def test_the_owners_limit_holds_for_relations_too(self, session, organization, consultant, colleague):
        customer = CustomerFactory()
        mine = FollowUpFactory(order__customer=customer, consultant_id=consultant.id)
        FollowUpFactory(order__customer=customer, consultant_id=colleague.id)
        session.commit()
        bind(session, Actor(organization.id, consultant.id, own=True))

        follow_ups = session.scalars(select(FollowUp).options(selectinload(FollowUp.customer))).all()

        assert follow_ups == [mine]
        assert follow_ups[0].customer is customer

    def test_a_customer_without_own_follow_up_is_not_seen(self, session, organization, consultant, colleague):
        FollowUpFactory(consultant_id=colleague.id)
        bind(session, Actor(organization.id, consultant.id, own=True))

        assert session.scalars(select(Customer)).all() == []

    def test_rules_may_look_at_the_whole_organisation(self, session, organization, consultant, colleague):
        FollowUpFactory(consultant_id=colleague.id)
        everybodys = session.scalar(select(func.count()).select_from(FollowUp))
        bind(session, Actor(organization.id, consultant.id, own=True))

        with whole_organization(session):
            assert session.scalar(select(func.count()).select_from(FollowUp)) == everybodys == 3
        assert session.scalar(select(func.count()).select_from(FollowUp)) == 0

    def test_deleted_rows_are_hidden_but_still_name_their_children(self, session, consultant):
        follow_up = FollowUpFactory(consultant_id=consultant.id, order__product__title="قدیمی")
        session.execute(
            update(Product).where(Product.title == "قدیمی").values(deleted_at=follow_up.created_at)
        )
        key = follow_up.id
        session.expunge_all()

        assert session.scalar(select(Product).where(Product.title == "قدیمی")) is None
        assert session.get(FollowUp, key).product.title == "قدیمی"


class TestWriting:
    def test_a_new_row_goes_to_the_acting_organisation(self, organization, manager):
        assert ProductFactory().organization_id == organization.id

    def test_another_organisation_is_refused(self, session, manager, stranger_organization):
        with pytest.raises(ForeignRow):
            ProductFactory(organization_id=stranger_organization.id)

    def test_a_foreign_key_to_a_foreign_row_is_refused(self, session, consultant, foreign):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        follow_up.customer_id = foreign[1]

        with pytest.raises(ForeignRow):
            session.flush()

    def test_a_member_of_another_organisation_is_refused(self, session, consultant, stranger_organization):
        stranger = member("Consultant", stranger_organization)

        with pytest.raises(ForeignRow):
            FollowUpFactory(consultant_id=stranger.id)

    def test_a_consultant_cannot_give_his_rows_away(self, session, organization, consultant, colleague):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        session.commit()
        bind(session, Actor(organization.id, consultant.id, own=True))
        follow_up.consultant_id = colleague.id

        with pytest.raises(ForeignRow):
            session.flush()

    @pytest.mark.parametrize("statement", [update(Product).values(title="دیگر"), delete(Product)])
    def test_bulk_statements_leave_foreign_rows_alone(
        self, session, foreign, stranger_organization, statement
    ):
        session.execute(statement.execution_options(synchronize_session=False))

        with acting_as(session, Actor(stranger_organization.id)):
            assert session.get(Product, foreign[0]).title == "بیگانه"

    def test_a_bulk_insert_into_another_organisation_is_refused(
        self, session, manager, stranger_organization
    ):
        row = {"title": "x", "code": "x", "organization_id": stranger_organization.id}

        with pytest.raises(ForeignRow):
            session.execute(insert(Product), [row])

    def test_a_ledger_is_never_rewritten(self, session, consultant, colleague):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        entry = Assignment(
            order_id=follow_up.order_id, to_member_id=consultant.id, method=AssignmentMethod.MANUAL
        )
        session.add(entry)
        session.commit()
        entry.to_member_id = colleague.id

        with pytest.raises(ScopeError):
            session.flush()


def test_a_worker_without_a_request_is_bound_too(session, manager):
    db.session.remove()

    with pytest.raises(Unscoped):
        db.session.scalars(select(Product)).all()
