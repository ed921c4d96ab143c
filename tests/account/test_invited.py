"""U02: who was invited and has never logged in gets no work."""

import importlib

import pyotp
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import select

from app.extensions import appbuilder
from app.gateways import crypto
from app.lib.clock import now
from app.services.account.login import Source
from app.services.account.password import set_one_time_password
from app.services.account.session import open_session
from app.services.assignment.assign import UnfitMember, assign, assign_all, assign_in_turn, assign_repeats
from app.services.assignment.hand_over import reassign_all
from app.services.assignment.reassign import reassign
from app.services.assignment.share_words import shortage
from app.services.assignment.undo import undo_assignments
from app.services.member import MemberDetails, invite_member
from app.services.member_activity import deactivate_member
from models.account import LoginEvent, LoginOutcome, UserSession
from models.follow_up import FollowUpEntry
from models.member import Member
from models.order import Order, OrderStatus
from models.result_title import ResultTitle
from tests.factories import PASSWORD, FollowUpFactory, member
from tests.support.dealing import invited_member, orders_of_one_customer, owners

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def invited(organization) -> Member:
    return invited_member(organization)


@pytest.fixture
def orders(manager) -> list[Order]:
    return orders_of_one_customer()


class TestU02AnInvitedMemberGetsNothing:
    def test_no_turn(self, session, orders, manager, invited, consultant):
        given = assign_in_turn(orders, by=manager)

        assert len(given) == 5
        assert owners(session) == {consultant.id: 5}

    def test_by_hand_and_says_why(self, orders, manager, invited):
        with pytest.raises(UnfitMember, match="نرگس تازه دعوت شده و هنوز وارد نشده است"):
            assign(orders[0], invited, by=manager)
        with pytest.raises(UnfitMember):
            assign_all(orders, invited, by=manager)
        assert orders[0].status is OrderStatus.NEW

    def test_reassigned_one_or_many(self, manager, invited, consultant):
        follow_up = FollowUpFactory(consultant_id=consultant.id)

        with pytest.raises(UnfitMember):
            reassign(follow_up, invited, by=manager)
        with pytest.raises(UnfitMember):
            reassign_all([follow_up], invited, by=manager, at=now())
        assert follow_up.consultant_id == consultant.id

    def test_what_a_leaving_member_had(self, manager, invited, consultant):
        FollowUpFactory(consultant_id=consultant.id)

        with pytest.raises(UnfitMember):
            deactivate_member(consultant, manager, hand_over_to=invited)

    def test_handed_back(self, session, manager, invited, consultant):
        follow_up, at = FollowUpFactory(consultant_id=invited.id), now()
        reassign_all([follow_up], consultant, by=manager, at=at)

        undone = undo_assignments(at, by=manager)
        assert (undone.count, undone.left) == (0, 1)
        assert owners(session) == {consultant.id: 1}

    def test_repeated_by_a_customer_of_theirs(self, session, manager, invited, orders):
        earlier = FollowUpFactory(consultant_id=invited.id)

        assert assign_repeats([(orders[0], earlier.order_id)]) == set()
        assert orders[0].status is OrderStatus.NEW

    def test_of_the_dialogs_by_post(self, session, login, manager, invited, consultant, orders):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        client = login(manager)
        acts = {
            f"/orders/action/assign/{orders[0].id}": {"member": str(invited.id)},
            f"/follow-ups/action/reassign/{follow_up.id}": {"member": str(invited.id)},
            f"/members/action/remove/{consultant.id}": {"heir": str(invited.id)},
        }

        for url, data in acts.items():
            answer = client.post(url, data={"_step": "run", **data})
            assert answer.status_code == 422, url
            assert "هنوز وارد نشده است" in answer.text
        assert owners(session) == {consultant.id: 1}
        assert consultant.active

    def test_of_another_organisation_neither(self, session, login, manager, stranger_organization, orders):
        stranger = member("Consultant", stranger_organization, "far", last_name="بیگانه", last_login=None)

        assert assign_in_turn(orders, by=manager) == {}
        assert "بیگانه" not in (shortage() or "")
        with pytest.raises(UnfitMember, match="نمی‌توان"):
            assign(orders[0], stranger, by=manager)

    def test_and_who_is_away_or_left_gets_no_turn_either(self, session, orders, manager, organization):
        member("Consultant", organization, "away", accepts_orders=False)
        member("Consultant", organization, "left", active=False)

        assert assign_in_turn(orders, by=manager) == {}

    def test_an_invitation_makes_such_a_member(self, session, manager, orders):
        details = MemberDetails(
            "reza", "رضا", "کریمی", "reza@example.ir", appbuilder.sm.find_role("Consultant")
        )

        made = invite_member(details, manager)

        assert made.is_invited
        assert assign_in_turn(orders, by=manager) == {}


class TestU02TheFirstLoginEndsIt:
    def test_by_password(self, app, session, invited, manager, orders):
        app.test_client().post("/login/", data={"username": "new", "password": PASSWORD})

        assert assign_in_turn(orders, by=manager).keys() == {order.id for order in orders}

    def test_by_a_one_time_password(self, app, session, invited, manager, orders):
        password = set_one_time_password(invited)
        session.flush()

        app.test_client().post("/login/", data={"username": "new", "password": password})

        session.refresh(invited)
        assert not invited.is_invited

    def test_not_by_a_wrong_password(self, app, session, invited):
        app.test_client().post("/login/", data={"username": "new", "password": "wrong horse 12"})

        session.refresh(invited)
        assert invited.is_invited

    def test_of_two_steps_the_second(self, app, session, invited):
        invited.totp_secret = crypto.encrypt(SECRET)
        session.commit()
        client = app.test_client()

        client.post("/login/", data={"username": "new", "password": PASSWORD})
        session.refresh(invited)
        assert invited.is_invited

        client.post("/login/code", data={"code": "000000"})
        session.refresh(invited)
        assert invited.is_invited

        client.post("/login/code", data={"code": pyotp.TOTP(SECRET).at(now())})
        session.refresh(invited)
        assert not invited.is_invited

    def test_then_work_is_given_by_hand(self, session, invited, manager, orders):
        open_session(invited, Source())

        assert assign(orders[0], invited, by=manager).consultant_id == invited.id


class TestU02TheListOfMembers:
    def test_shows_the_state(self, login, manager, invited, consultant):
        page = login(manager).get("/members/").text

        row = page[page.index(f'data-pk="{invited.id}"') :].partition("</tr>")[0]
        other = page[page.index(f'data-pk="{consultant.id}"') :].partition("</tr>")[0]
        assert "دعوت‌شده" in row
        assert "دعوت‌شده" not in other
        assert "دعوت‌شده" in login(manager).get(f"/members/show/{invited.id}").text

    def test_filters_by_it(self, login, manager, invited, consultant, organization):
        gone = member("Consultant", organization, "gone", active=False, last_login=None)

        page = login(manager).get("/members/?tab=invited").text

        assert f'data-pk="{invited.id}"' in page
        assert f'data-pk="{consultant.id}"' not in page
        assert f'data-pk="{gone.id}"' not in page

    def test_a_choice_is_marked(self, login, manager, invited, consultant):
        found = login(manager).get("/follow-ups/lookup/consultant").json

        texts = {each["value"]: each["text"] for each in found}
        assert texts[str(invited.id)] == "نرگس تازه (دعوت‌شده)"
        assert texts[str(consultant.id)] == consultant.full_name


class TestU02MembersOfBefore:
    """The migration: a session, a login or an entry proves a login."""

    @pytest.fixture
    def migrate(self, session):
        step = importlib.import_module("models.migrations.versions.20261129_logins_of_working_members")

        def run(direction: str) -> None:
            session.flush()
            with Operations.context(MigrationContext.configure(session.connection())):
                getattr(step, direction)()
            session.expire_all()

        return run

    def test_count_as_logged_in(self, session, migrate, manager, invited, organization):
        at = now().replace(microsecond=0)
        people = [
            member("Consultant", organization, name, last_login=None)
            for name in ("sat", "came", "wrote", "failed")
        ]
        session.add(UserSession(id_hash="x", member_id=people[0].id, epoch=0, created_at=at))
        session.add(LoginEvent(member_id=people[1].id, outcome=LoginOutcome.SUCCESS, at=at))
        title = session.scalars(select(ResultTitle)).first()
        follow_up = FollowUpFactory(consultant_id=people[2].id)
        session.add(FollowUpEntry(follow_up=follow_up, result_title=title, by_id=people[2].id, at=at))
        session.add(LoginEvent(member_id=people[3].id, outcome=LoginOutcome.WRONG, at=at))
        before = manager.last_login

        migrate("upgrade")

        assert [person.is_invited for person in people] == [False, False, False, True]
        assert {person.last_login for person in people[:3]} == {at.replace(tzinfo=None)}
        assert invited.is_invited
        assert manager.last_login == before
        migrate("downgrade")
        assert people[2].last_login == at.replace(tzinfo=None)
