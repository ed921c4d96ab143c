"""Members: inviting, changing, deactivating and the one-time password."""

import re

import pytest
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.extensions import appbuilder
from models.follow_up import FollowUp
from models.mail import MailKind, OutgoingMail
from models.member import Member
from tests.factories import FollowUpFactory, member


def role_id(name: str) -> str:
    return str(appbuilder.sm.find_role(name).id)


def details(**changes) -> dict[str, str]:
    return {
        "first_name": "رضا",
        "last_name": "کریمی",
        "username": "reza",
        "email": "reza@example.ir",
        "role": role_id("Consultant"),
        "accepts_orders": "y",
        **changes,
    }


@pytest.fixture
def stranger(stranger_organization):
    return member("Consultant", stranger_organization, "stranger", mobile="+989351234567")


def unescaped(page):
    """The texts of *page* with those of the JSON of its toasts."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), page)


class TestInviting:
    def test_makes_an_account_here_and_mails_a_link(self, login, manager, session):
        answer = login(manager).post("/members/add", data=details())

        made = session.scalars(select(Member).where(Member.username == "reza")).one()
        mail = session.scalars(select(OutgoingMail)).one()
        assert answer.status_code == 302
        assert made.organization_id == manager.organization_id
        assert (mail.kind, mail.address) == (MailKind.INVITATION, "reza@example.ir")

    def test_says_where_the_invitation_goes_and_a_change_does_not(self, login, manager, session):
        browser = login(manager)

        added = browser.post("/members/add", data=details(), follow_redirects=True).text
        made = session.scalars(select(Member).where(Member.username == "reza")).one()
        changed = browser.post(
            f"/members/edit/{made.id}", data=details(last_name="احمدی"), follow_redirects=True
        ).text

        assert "دعوت‌نامه با ایمیل به reza@example.ir فرستاده می‌شود" in unescaped(added)
        assert "ذخیره شد" in unescaped(changed)
        assert "دعوت‌نامه با ایمیل" not in unescaped(changed)

    def test_never_takes_an_organisation_from_outside(self, login, manager, stranger_organization, session):
        data = details(
            organization_id=str(stranger_organization.id), organization=str(stranger_organization.id)
        )

        login(manager).post("/members/add", data=data)

        made = session.scalars(select(Member).where(Member.username == "reza")).one()
        assert made.organization_id == manager.organization_id

    @pytest.mark.parametrize("role", ["Manager", "Admin", "Operator"])
    def test_gives_no_role_of_ones_own_rank_or_above(self, login, manager, session, role):
        answer = login(manager).post("/members/add", data=details(role=role_id(role)))

        assert answer.status_code == 422
        assert session.scalars(select(Member).where(Member.username == "reza")).first() is None

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("username", "STRANGER"),
            # The stranger logs in with these too.
            ("username", "STRANGER@example.ir"),
            ("username", "09351234567"),
            ("username", "۰۹۳۵۱۲۳۴۵۶۷"),
            ("email", "Stranger@example.ir"),
            ("email", "no address"),
            ("username", "a b"),
            ("first_name", ""),
        ],
    )
    def test_says_what_is_wrong_beside_its_field(self, login, manager, stranger, field, value):
        answer = login(manager).post("/members/add", data=details(**{field: value}))

        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        assert "alef" not in answer.text.partition(f'id="{field}-error"')[2][:200]

    def test_is_not_for_consultants(self, login, consultant):
        assert login(consultant).post("/members/add", data=details()).status_code == 403


class TestChanging:
    def test_another_role_ends_the_sessions(self, login, manager, consultant, session):
        theirs = login(consultant)

        login(manager).post(
            f"/members/edit/{consultant.id}",
            data=details(role=role_id("SupportAgent"), email=consultant.email),
        )

        session.refresh(consultant)
        assert [role.name for role in consultant.roles] == ["SupportAgent"]
        assert theirs.get("/account/").status_code == 302

    def test_of_others_does_not_exist(self, login, manager, stranger):
        client = login(manager)

        paths = [
            f"/members/show/{stranger.id}",
            f"/members/edit/{stranger.id}",
            f"/members/password/{stranger.id}",
        ]
        assert [client.get(path).status_code for path in paths] == [404, 404, 404]
        assert client.post(f"/members/delete/{stranger.id}").status_code == 404

    def test_the_list_shows_nobody_elses(self, login, manager, consultant, stranger):
        page = login(manager).get("/members/").text

        assert consultant.username in page
        assert "stranger" not in page

    def test_of_an_equal_is_refused(self, login, manager, organization, session):
        equal = member("Manager", organization, "second-manager")

        answer = login(manager).post(f"/members/edit/{equal.id}", data=details(email=equal.email))

        assert answer.status_code == 422
        assert "جایگاه" in answer.text
        assert login(manager).get(f"/members/password/{equal.id}").status_code == 403

    def test_of_oneself_is_refused(self, login, manager, session):
        login(manager).post(f"/members/delete/{manager.id}")

        session.refresh(manager)
        assert manager.active


class TestSwitchingOff:
    def test_ends_the_account_at_once_and_hands_work_over(
        self, login, manager, consultant, colleague, session
    ):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        theirs = login(consultant)
        data = {"action": "remove", "rowid": consultant.id, "_step": "run", "heir": colleague.id}

        login(manager).post("/members/action_post", data=data)

        session.expire_all()
        assert not consultant.active
        assert session.get(FollowUp, follow_up.id).consultant_id == colleague.id
        assert theirs.get("/follow-ups/").status_code == 302

    def test_asks_no_more_of_the_database_for_more_follow_ups(
        self, login, manager, consultant, colleague, session, statements
    ):
        client, counts = login(manager), []
        kept = FollowUpFactory(consultant_id=consultant.id).id
        for number in (20, 60):
            leaver = member("Consultant", manager.organization, f"leaver-{number}")
            keys = [FollowUpFactory(consultant_id=leaver.id).id for _each in range(number)]
            statements.clear()

            client.post(
                f"/members/action/remove/{leaver.id}", data={"_step": "run", "heir": str(colleague.id)}
            )

            counts.append(len(statements))
            session.expire_all()
            assert {session.get(FollowUp, key).consultant_id for key in keys} == {colleague.id}
            assert session.get(FollowUp, kept).consultant_id == consultant.id
        assert counts[1] - counts[0] < 10

    def test_can_be_taken_back(self, login, manager, consultant, session):
        client = login(manager)
        client.post(f"/members/delete/{consultant.id}")
        client.post(f"/members/action/activate/{consultant.id}", data={"_step": "run"})

        session.refresh(consultant)
        assert consultant.active

    def test_with_a_foreign_row_among_them_does_nothing(self, login, manager, consultant, stranger, session):
        data = {"action": "remove", "rowid": [consultant.id, stranger.id], "_step": "run"}

        assert login(manager).post("/members/action_post", data=data).status_code == 404

        assert session.scalars(select(Member.active).where(Member.id == consultant.id)).one()


class TestTheOneTimePassword:
    def test_is_shown_once_and_must_be_replaced(self, login, manager, consultant, session):
        client = login(manager)
        shown = client.post(f"/members/password/{consultant.id}").text

        session.refresh(consultant)
        password = shown.partition('<bdi class="ltr" dir="ltr">')[2].partition("<")[0]
        assert check_password_hash(consultant.password, password)
        assert consultant.must_change_password
        again = client.get(f"/members/password/{consultant.id}").text
        assert password not in again
        assert f"رمز موقت برای {consultant.full_name}" in again

    def test_ends_the_sessions(self, login, manager, consultant):
        theirs = login(consultant)

        login(manager).post(f"/members/password/{consultant.id}")

        assert theirs.get("/account/").status_code == 302

    def test_is_not_made_by_looking(self, login, manager, consultant, session):
        before = consultant.password

        login(manager).get(f"/members/password/{consultant.id}")

        session.refresh(consultant)
        assert consultant.password == before
