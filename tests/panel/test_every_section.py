"""What every section owes its users, checked for each one that is declared, now and later."""

import re

import pytest

import views
from app.lib.discover import import_all
from app.panel.page import Page, PageAudience
from app.panel.section import Section
from app.security_manager import declared_roles
from models.base import Tenant
from tests.factories import member

import_all(views)

ROLES = ("Consultant", "SupportAgent", "Manager", "Operator", "Admin")
SECTIONS = [section for section in Section.registry if section.__module__.startswith("views.")]
PAGES = [page for page in Page.registry if page.__module__.startswith("views.")]
# Not a table of organisations' rows: members are bound by the section's own statement, organisations are the admin's.
PLATFORM = {"members", "organizations", "sms-providers"}
FRAME = {"/", "/login/", "/login/code", "/logout/", "/back", "/lang/<string:locale>"}

every_section = pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.slug)
# Children stand on the page of their parent; `tests/panel/records/children/test_children.py` tries them there.
LISTED = [section for section in SECTIONS if section.only_in is None]
every_listed_section = pytest.mark.parametrize("section", LISTED, ids=lambda section: section.slug)
GUARDED = [*LISTED, *(page for page in PAGES if page.audience is PageAudience.ROLES)]
every_view = pytest.mark.parametrize("view", GUARDED, ids=lambda view: view.slug)
members_page = pytest.mark.parametrize(
    "page", [page for page in PAGES if page.audience is PageAudience.MEMBERS], ids=lambda page: page.slug
)


@every_view
@pytest.mark.parametrize("role", ROLES)
def test_the_front_opens_for_declared_roles_and_for_nobody_else(view, role, login, organization, manager):
    home = None if role in {"Operator", "Admin"} else organization
    person = member(role, home, name=f"{role}-someone")

    status = login(person).get(f"/{view.slug}/").status_code

    assert status == (200 if role in view.roles or role == "Admin" else 403)


@every_view
def test_a_stranger_is_sent_to_the_login(view, app, session):
    assert app.test_client().get(f"/{view.slug}/").status_code == 302


@members_page
@pytest.mark.parametrize("role", ROLES)
def test_a_members_page_opens_for_every_role(page, role, login, organization, manager):
    home = None if role in {"Operator", "Admin"} else organization

    assert login(member(role, home, name=f"{role}-someone")).get(f"/{page.slug}/").status_code == 200


@members_page
def test_a_members_page_sends_strangers_to_the_login(page, app, session):
    assert app.test_client().get(f"/{page.slug}/").status_code == 302


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.audience is PageAudience.ORGANIZATION], ids=lambda page: page.slug
)
def test_a_page_of_the_organisation_opens_for_its_members_and_for_nobody_of_the_platform(
    page, role, login, organization, manager
):
    is_platform = role in {"Operator", "Admin"}
    person = member(role, None if is_platform else organization, name=f"{role}-someone")
    client = login(person)

    assert client.get(f"/{page.slug}/").status_code == (403 if is_platform else 200)
    in_menu = f'href="/{page.slug}/"' in client.get("/account/").text
    assert in_menu is not is_platform


@every_listed_section
def test_the_list_also_answers_under_fabs_own_address(section, login, organization, manager):
    reader = manager if "Manager" in section.roles else member("Admin", None, "root")

    assert login(reader).get(f"/{section.slug}/list/").status_code == 200


@every_section
def test_every_name_on_the_screen_has_a_label(section):
    described = object.__new__(section)
    names = {*section.columns, *section.details, *section.form, *section.filters, *section.read_only}

    unlabelled = [
        name
        for name in names - set(section.extra_fields)
        if described.describe(name).label == name.rpartition(".")[2]
    ]

    assert unlabelled == []


@every_section
def test_its_table_is_bound_to_organisations(section):
    assert issubclass(section.model, Tenant) or section.slug in PLATFORM


@every_section
def test_the_form_opens_for_who_may_add(section, login, manager):
    if "can_add" not in section.all_permissions() or "add" in section.exclude_route_methods:
        return
    writer = manager if "Manager" in section.roles else member("Admin", None, "root")

    assert login(writer).get(f"/{section.slug}/add").status_code == 200


@every_section
@pytest.mark.parametrize("value", ["nonsense", "-1", "9" * 30, "", "\u200f<b>۱٫۵"])
def test_the_form_refuses_one_odd_value_in_all_its_fields(section, login, manager, value):
    left_out = section.slug == "imports" or "add" in section.exclude_route_methods
    if "can_add" not in section.all_permissions() or left_out:
        return
    client = login(manager if "Manager" in section.roles else member("Admin", None, "root"))
    names = re.findall(r'name="(\w+)"', client.get(f"/{section.slug}/add").text)

    answer = client.post(f"/{section.slug}/add", data=dict.fromkeys(names, value))

    assert answer.status_code == 422
    assert "-error" in answer.text


def test_admin_holds_every_right_that_exists():
    roles = declared_roles()

    assert roles["Admin"] >= set().union(*roles.values())


def test_nobody_holds_rights_without_logging_in():
    assert "Public" not in declared_roles()


def test_every_route_belongs_to_the_engine_or_to_the_frame(app):
    slugs = {view.slug.split("/")[0] for view in [*Section.registry, *Page.registry]}

    strange = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule not in FRAME and rule.rule.split("/")[1] not in {*slugs, "static", "console", "api"}
    ]

    assert strange == []
