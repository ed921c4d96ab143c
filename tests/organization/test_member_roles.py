"""Roles of members, and members of several organisations."""

import pytest
from sqlalchemy import select

from app.extensions import appbuilder
from app.security_manager import declared_roles, sync_roles
from models.account import UserSession
from models.member import Member
from models.organization import Organization, OrganizationStatus
from models.role import ExtraRole
from models.tenancy.scope import Actor, bind
from tests.factories import FollowUpFactory, member


@pytest.fixture
def admin(session):
    return member("Admin", None, "root")


class TestRoles:
    RIGHTS = ("Products can_list", "Products can_show", "Customers can_list")

    def make(self, client, title="بازبین", rights=RIGHTS, **data):
        return client.post("/roles/add", data={"title": title, "right": list(rights), **data})

    def give(self, manager, person, session):
        bind(session, Actor(manager.organization_id, manager.id))
        extra = session.scalars(select(ExtraRole)).one()
        person.roles = [extra.role]
        session.commit()
        return extra

    def test_are_made_of_rights_and_take_effect(self, login, manager, consultant, session):
        self.make(login(manager))
        self.give(manager, consultant, session)
        client = login(consultant)

        assert client.get("/products/").status_code == 200
        assert client.get("/products/add").status_code == 403
        assert client.get("/follow-ups/").status_code == 403

    @pytest.mark.parametrize(
        "right", ["Organizations can_list", "Imports can_nothing", "X can_list", "Roles"]
    )
    def test_never_exceed_their_maker(self, login, manager, session, right):
        answer = self.make(login(manager), rights=[right])

        assert answer.status_code == 422
        assert session.scalars(select(ExtraRole.id), execution_options={"unscoped": True}).first() is None

    def test_with_own_rows_show_own_rows_only(self, login, manager, consultant, colleague, session):
        foreign, own = (
            FollowUpFactory(consultant_id=colleague.id),
            FollowUpFactory(consultant_id=consultant.id),
        )
        rights = ["FollowUps can_list", "FollowUps can_show"]
        self.make(login(manager), rights=rights, own_rows="y")
        self.give(manager, consultant, session)
        client = login(consultant)

        assert client.get(f"/follow-ups/{own.id}/panel").status_code == 200
        assert client.get(f"/follow-ups/{foreign.id}/panel").status_code == 404

    def test_are_changed_for_the_next_request(self, login, manager, consultant, session):
        self.make(login(manager))
        extra = self.give(manager, consultant, session)
        client = login(consultant)
        assert client.get("/products/").status_code == 200

        login(manager).post(
            f"/roles/edit/{extra.id}", data={"title": "بازبین", "right": ["Customers can_list"]}
        )

        assert client.get("/products/").status_code == 403

    def test_of_other_organisations_do_not_exist(self, login, manager, stranger_organization, session):
        self.make(login(manager))
        extra = session.scalars(select(ExtraRole.id), execution_options={"unscoped": True}).one()
        other = member("Manager", stranger_organization, "other-manager")

        assert login(other).get(f"/roles/edit/{extra}").status_code == 404
        assert login(other).post(f"/roles/delete/{extra}").status_code == 404
        assert "بازبین" not in login(other).get("/roles/").text

    def test_that_somebody_holds_stay(self, login, manager, consultant, session):
        self.make(login(manager))
        extra = self.give(manager, consultant, session)

        login(manager).post(f"/roles/delete/{extra.id}")

        assert session.get(ExtraRole, extra.id) is not None

    def test_of_one_title_are_one(self, login, manager):
        client = login(manager)
        self.make(client)

        assert self.make(client).status_code == 422

    def test_lose_with_an_upgrade_what_managers_lost(self, login, manager, session):
        self.make(login(manager))
        extra = session.scalars(select(ExtraRole), execution_options={"unscoped": True}).one()
        beyond = appbuilder.sm.add_permission_view_menu("can_list", "Organizations")
        extra.role.permissions = [*extra.role.permissions, beyond]
        session.commit()

        sync_roles()

        names = {pair.view_menu.name for pair in extra.role.permissions}
        assert names == {"Products", "Customers"}

    def test_of_everybody_can_be_read(self, login, manager):
        client = login(manager)

        assert client.get("/roles/show/Consultant").status_code == 200
        assert client.get("/roles/show/nonsense").status_code == 404


class TestOrganisations:
    def test_are_founded_by_the_admin(self, login, admin, session):
        data = {
            "name": "آموزشگاه نو",
            "slug": "nou",
            "currency": "toman",
            "repeat_policy": "hold",
            "repeat_window_days": "30",
        }

        answer = login(admin).post("/organizations/add", data=data)

        assert answer.status_code == 302
        assert (
            session.scalars(select(Organization.name).where(Organization.slug == "nou")).one()
            == "آموزشگاه نو"
        )

    def test_are_closed_to_everybody_else(self, login, manager, consultant):
        assert login(manager).get("/organizations/").status_code == 403
        assert login(consultant).post("/organizations/enter/1").status_code == 403

    def test_show_the_admin_no_rows_until_he_enters_one(
        self, login, admin, manager, consultant, organization
    ):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        client = login(admin)
        assert str(follow_up.customer) not in client.get(f"/follow-ups/{follow_up.id}/panel").text

        client.post(f"/organizations/enter/{organization.id}")
        page = client.get("/follow-ups/?tab=all").text

        assert str(follow_up.customer) in page
        assert f"در {organization.name} کار می‌کنید" in page
        client.post("/organizations/leave")
        assert str(follow_up.customer) not in client.get(f"/follow-ups/{follow_up.id}/panel").text

    def test_entered_in_one_session_are_not_entered_in_another(self, login, admin, organization):
        here, there = login(admin), login(admin)

        here.post(f"/organizations/enter/{organization.id}")

        assert organization.name not in there.get("/follow-ups/").text

    def test_that_are_suspended_show_their_members_nothing(
        self, login, admin, manager, consultant, organization, session
    ):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        login(admin).post(f"/organizations/action/suspend/{organization.id}", data={"_step": "run"})

        session.refresh(organization)
        assert organization.status is OrganizationStatus.SUSPENDED
        page = login(consultant).get(f"/follow-ups/{follow_up.id}/panel")
        assert page.status_code == 403
        assert str(follow_up.customer) not in page.text


def test_the_last_admin_can_not_be_switched_off(login, admin, session):
    other = member("Admin", None, "second-root")
    client = login(other)
    client.post(f"/members/delete/{admin.id}")
    session.expire_all()
    assert not admin.active

    client.post(f"/members/delete/{other.id}")

    session.expire_all()
    assert other.active


def test_admins_look_after_the_platforms_own_people(login, admin, manager):
    operator = member("Operator", None, "helper-one")

    page = login(admin).get("/members/").text

    assert operator.username in page
    assert manager.username not in page


def test_roles_never_hold_what_nobody_declares():
    declared = declared_roles()

    assert ("can_list", "Organizations") not in declared["Manager"]
    assert ("can_list", "Members") not in declared["Consultant"]


def test_a_session_that_was_ended_can_not_enter(login, admin, organization, session):
    client = login(admin)
    session.scalars(select(UserSession)).one().epoch -= 1
    session.commit()

    assert client.post(f"/organizations/enter/{organization.id}").status_code == 302
    assert session.scalars(select(UserSession.acting_organization_id)).one() is None


class TestTheFirstAdmin:
    def make(self, app, *arguments):
        return app.test_cli_runner().invoke(args=["create-admin", *arguments])

    def test_logs_in_once_with_what_the_command_prints_and_chooses_a_password(self, app, session):
        made = self.make(app, "root", "--email", "root@example.ir")
        password = made.output.split()[-1]
        visitor = app.test_client()

        answer = visitor.post("/login/", data={"username": "root", "password": password})

        assert answer.status_code == 302
        assert visitor.get("/organizations/").location == "/account/password/"

    def test_takes_nobodys_name(self, app, session, manager):
        refused = self.make(app, manager.username, "--email", "new@example.ir")

        assert refused.exit_code == 1
        assert session.scalars(select(Member).where(Member.email == "new@example.ir")).all() == []
