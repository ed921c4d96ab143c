"""S01: a role is handed on only by somebody who has all that it allows, on whatever path."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask_appbuilder.security.sqla.models import Role
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.extensions import appbuilder
from app.security_manager import declared_roles
from app.services.role.edit import change_role, make_role
from app.services.role.grant import Powers
from models.mail import OutgoingMail
from models.member import Member
from models.role import ExtraRole
from models.tenancy.scope import Actor, bind
from tests.factories import PASSWORD_HASH, member
from tests.support.racing import wait_for_a_lock
from views.organization.member.section import Members

# What the giver needs to reach the paths at all; the random rights come on top.
DOORS = frozenset(
    {(f"can_{verb}", "Members") for verb in ("list", "show", "add", "edit", "delete", "activate")}
    | {("can_set_password", "Members")}
    | {(f"can_{verb}", "Roles") for verb in ("list", "show", "add", "edit", "delete")}
)
FURTHER = sorted(
    {
        (f"can_{verb}", view)
        for verb in ("list", "show", "add")
        for view in ("Products", "Customers", "Orders")
    }
)
EVERYTHING = DOORS | set(FURTHER)
rights = st.frozensets(st.sampled_from(FURTHER), max_size=4)
powers = st.builds(Powers, rights, st.booleans())
examples = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Stage:
    """A giver with one extra role, and another role that they try to hand on."""

    def __init__(self, session, manager, login):
        self.session, self.manager, self.login, self.number = session, manager, login, 0

    def act_as_manager(self):
        bind(self.session, Actor(self.manager.organization_id, self.manager.id))

    def role(self, allowed, *, doors=frozenset()):
        self.act_as_manager()
        self.number += 1
        pairs = allowed.pairs | doors
        return make_role(f"نقش {self.number}", pairs, own_rows=not allowed.all_rows, own_pairs=EVERYTHING)

    def person(self, role, **fields):
        self.number += 1
        person = member("Consultant", self.manager.organization, f"person-{self.number}", **fields)
        person.roles = [role.role if isinstance(role, ExtraRole) else role]
        self.session.commit()
        return person

    def giver(self, allowed):
        """A client of somebody with *allowed* and the rights that open the paths."""
        self.giving = self.person(self.role(allowed, doors=DOORS))
        return self.login(self.giving)

    def roles_of(self, username):
        found = select(Role.id).join(Role.user).where(Member.username == username)
        return set(self.session.scalars(found))


@pytest.fixture
def stage(session, manager, login):
    return Stage(session, manager, login)


def details(person=None, **changes):
    name = person.username if person else "newcomer"
    known = {"first_name": "رضا", "last_name": "کریمی", "username": name, "email": f"{name}@example.ir"}
    return {**known, "accepts_orders": "y", **{key: str(value) for key, value in changes.items()}}


def may_give(giver, given):
    """The rule once more, in the words of the finding."""
    return given.pairs <= giver.pairs | DOORS and (giver.all_rows or not given.all_rows)


@examples
@given(a=powers, b=powers)
def test_a_new_member_gets_no_more_than_the_giver_has(stage, a, b):
    role, client = stage.role(b), stage.giver(a)
    data = details(role=role.role_id, username=f"new-{stage.number}", email=f"new-{stage.number}@example.ir")

    offered = f'value="{role.role_id}"' in client.get("/members/add").text
    answer = client.post("/members/add", data=data)

    given = role.role_id in stage.roles_of(data["username"])
    assert (given, offered) == (may_give(a, b), may_give(a, b))
    assert answer.status_code == (302 if given else 422)


@examples
@given(a=powers, b=powers)
def test_a_member_gets_no_more_than_the_giver_has(stage, a, b):
    role, person = stage.role(b), stage.person(stage.role(Powers(frozenset(), all_rows=False)))

    client = stage.giver(a)
    answer = client.post(f"/members/edit/{person.id}", data=details(person, role=role.role_id))

    given = stage.roles_of(person.username) == {role.role_id}
    assert given is may_give(a, b)
    assert answer.status_code == (302 if given else 422)


@examples
@given(a=powers, b=powers)
def test_a_role_that_does_not_change_is_no_hindrance(stage, a, b):
    role = stage.role(b)
    person = stage.person(role)

    answer = stage.giver(a).post(
        f"/members/edit/{person.id}", data=details(person, role=role.role_id, extension="12")
    )

    assert answer.status_code == 302
    stage.session.refresh(person)
    assert (person.extension, stage.roles_of(person.username)) == ("12", {role.role_id})


@examples
@given(a=powers, b=powers)
def test_the_account_of_a_stronger_member_is_not_taken_over(stage, a, b):
    """An own-rows giver would see the member's rows with their account, so they take over nobody's."""
    person = stage.person(stage.role(b))
    role, client, mine = person.roles[0].id, stage.giver(a), f"mine-{person.id}@example.ir"

    mailed = client.post(
        f"/members/edit/{person.id}", data=details(person, role=role, email=mine)
    ).status_code
    client.post(f"/members/password/{person.id}")

    stage.session.refresh(person)
    opened = may_give(a, b) and a.all_rows
    assert (person.email == mine, person.password != PASSWORD_HASH) == (opened, opened)
    assert mailed == (302 if opened else 422)


@examples
@given(a=powers, b=powers, many=st.booleans(), active=st.booleans())
def test_a_stronger_member_is_neither_switched_off_nor_on(stage, a, b, many, active):
    """One row from its page, or two from the list, of which the other one is weak."""
    person = stage.person(stage.role(b), active=active)
    weak = stage.person(stage.role(Powers(frozenset(), all_rows=False)), active=active)
    client, action = stage.giver(a), "remove" if active else "activate"

    if many:
        rows = {"rowid": [weak.id, person.id], "action": action, "_step": "run"}
        client.post("/members/action_post", data=rows)
    elif active:
        client.post(f"/members/delete/{person.id}")
    else:
        client.post(f"/members/action/activate/{person.id}", data={"_step": "run"})

    stage.session.expire_all()
    assert (person.active is not active) is may_give(a, b)
    assert (weak.active is not active) is (many and may_give(a, b))


def boxes(allowed):
    shown = {} if allowed.all_rows else {"own_rows": "y"}
    return {"right": [f"{view} {permission}" for permission, view in sorted(allowed.pairs)], **shown}


@examples
@given(a=powers, b=powers)
def test_a_role_is_made_within_the_makers_rights(stage, a, b):
    client = stage.giver(a)

    answer = client.post("/roles/add", data={"title": f"تازه {stage.number}", **boxes(b)})

    assert answer.status_code == (302 if may_give(a, b) else 422)


@examples
@given(a=powers, b=powers, c=powers)
def test_a_role_that_others_wear_is_edited_within_the_makers_rights(stage, a, b, c):
    """From *b* to *c*, by somebody with *a*: neither what they add nor what they leave may exceed them."""
    extra, client = stage.role(b), stage.giver(a)
    stage.person(extra)
    stage.act_as_manager()
    extra.created_by_id = stage.giving.id
    stage.session.commit()

    answer = client.post(f"/roles/edit/{extra.id}", data={"title": f"ویرایش {stage.number}", **boxes(c)})

    assert answer.status_code == (302 if may_give(a, b) and may_give(a, c) else 422)
    stage.act_as_manager()
    stage.session.expire_all()
    now = {(pair.permission.name, pair.view_menu.name) for pair in extra.role.permissions}
    assert now == (c.pairs if may_give(a, b) and may_give(a, c) else b.pairs)


@pytest.mark.parametrize("name", ["Consultant", "SupportAgent", "Manager", "Operator", "Admin"])
def test_declared_roles_are_handed_on_by_the_same_rule(stage, name):
    """Rank alone is not enough, and all rights of a manager are not a manager's rank."""
    role = appbuilder.sm.find_role(name)

    answer = stage.giver(Powers(frozenset(FURTHER), all_rows=True)).post(
        "/members/add", data=details(role=role.id)
    )

    assert answer.status_code == 422
    assert stage.roles_of("newcomer") == set()


@pytest.mark.parametrize("name", ["Consultant", "SupportAgent"])
def test_a_manager_gives_the_roles_of_work(login, manager, stage, name):
    role = appbuilder.sm.find_role(name)

    assert login(manager).post("/members/add", data=details(role=role.id)).status_code == 302

    assert stage.roles_of("newcomer") == {role.id}


def test_a_manager_meets_a_role_that_exceeds_them(login, manager, stage, session):
    """The platform's admin made it in the organisation: it can be worn on, but not given or taken over."""
    beyond = stage.role(Powers(frozenset(), all_rows=True))
    beyond.role.permissions = [appbuilder.sm.add_permission_view_menu("can_list", "Organizations")]
    person, other = stage.person(beyond), stage.person(appbuilder.sm.find_role("Consultant"))
    client = login(manager)

    kept = client.post(f"/members/edit/{person.id}", data=details(person, role=beyond.role_id, extension="7"))
    given = client.post(f"/members/edit/{other.id}", data=details(other, role=beyond.role_id))

    assert (kept.status_code, given.status_code) == (302, 422)
    assert client.get(f"/members/password/{person.id}").status_code == 403
    assert client.get(f"/members/password/{other.id}").status_code == 200


def test_the_attack_of_the_finding_ends_at_the_form(app, stage, session):
    """An own address on a stronger account, then a link for a new password."""
    stronger = stage.role(Powers(frozenset(FURTHER), all_rows=True))
    client = stage.giver(Powers(frozenset(), all_rows=True))

    answer = client.post("/members/add", data=details(role=stronger.role_id, email="mine@example.ir"))
    app.test_client().post("/forgot-password/", data={"email": "mine@example.ir"})

    assert answer.status_code == 422
    assert 'id="role-error"' in answer.text
    assert session.scalars(select(Member.id).where(Member.email == "mine@example.ir")).all() == []
    assert session.scalars(select(OutgoingMail.id)).all() == []


def test_members_have_no_other_door():
    """What would write members beside the form must ask the same rule before it opens."""
    assert (Members.rest, tuple(Members.inline), tuple(Members.bulk_edit)) == (False, (), ())


def test_a_managers_rights_include_those_of_the_roles_they_give():
    declared = declared_roles()

    assert declared["Consultant"] | declared["SupportAgent"] <= declared["Manager"]


@pytest.mark.postgresql
def test_a_role_that_is_being_edited_is_judged_as_it_will_stand(arena):
    """The manager's edit is not committed yet when the giver asks: the giver waits, and is refused."""
    read = {("can_list", "Products")}
    with arena.actor(arena.member("Manager", "boss")) as session:
        giving = make_role("دهنده", DOORS | read, own_rows=False, own_pairs=EVERYTHING).role
        given = make_role("گیرنده", read, own_rows=False, own_pairs=EVERYTHING)
        key, extra_id = given.role_id, given.id
        giver = session.get(Member, arena.member("Consultant", "giver"))
        giver.roles = [session.merge(giving)]
    browser = arena.browser("giver")

    with arena.actor() as session, ThreadPoolExecutor(1) as pool:
        extra = session.get(ExtraRole, extra_id)
        change_role(extra, "گیرنده", read | {("can_add", "Products")}, own_rows=False, own_pairs=EVERYTHING)
        answer = pool.submit(browser.post, "/members/add", data=details(role=key))
        wait_for_a_lock()
        session.commit()
        assert answer.result(timeout=30).status_code == 422
