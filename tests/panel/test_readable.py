"""No identifier and no English word reaches a page: all pages of all roles are read."""

import re
from pathlib import Path

import pytest
from flask_appbuilder import Model
from sqlalchemy import select

from app.extensions import appbuilder
from app.panel.records.history_labels import action_words, name_of
from app.panel.section import Section
from app.services.demo.build import build_demo
from models.account import UserSession
from models.audit.event import AuditEvent
from models.base import Tenant
from models.member import Member
from models.organization import Organization
from tests.factories import PASSWORD_HASH, CustomerFactory, member
from tests.support.addresses import fill
from tests.support.readable import identifiers, unreadable
from tests.support.screens import PAGES

ROLES = [None, "consultant1-demo1", "support-demo1", "manager-demo1", "operator", "admin", "admin in demo1"]
# Answers for programs, files, and pages of Flask-AppBuilder that lead elsewhere.
NO_PAGES = re.compile(
    "/static/|/api/|/lang/|/back|/file$|/photo|/download|/rejected|/logout|/lookup|/preview$"
)
NAMES = {
    "name": "Consultant",
    "slug": "customers",
    "uuid": "3f0e8f0a-0000-4000-8000-000000000000",
    "batch": "3f0e8f0a-0000-4000-8000-000000000000",
    "token": "unknown",
    "moment": "1",
    "step": "cancel",
    "column": "name",
}


@pytest.fixture
def prepared(prepared_databases, request):
    """With the demo in it, where the test asks for it."""
    found = prepared_databases.of(request.fixturenames)
    return prepared_databases.with_rows(found, "demo", add_demo) if "demo" in request.fixturenames else found


@pytest.fixture
def demo(session):
    """An organisation of the demo, which `prepared` contains."""


def add_demo(_session, _keys):
    build_demo(organizations=1, follow_ups=20, password_hash=PASSWORD_HASH)
    return {}


def person(session, name) -> Member:
    return session.scalars(
        select(Member).where(Member.username == name), execution_options={"unscoped": True}
    ).one()


@pytest.fixture
def browse(app, session, login, demo):
    """A client of a person, who may act in an organisation; no name is a visitor."""

    def browser(name):
        if name is None:
            return app.test_client()
        client = login(person(session, name.split()[0]))
        if name.endswith("in demo1"):
            organization = session.scalars(select(Organization).where(Organization.slug == "demo1")).one()
            opened = session.scalars(select(UserSession).order_by(UserSession.id.desc())).first()
            opened.acting_organization_id = organization.id
            session.commit()
        return client

    return browser


def pages_of(app, client):
    """The addresses of all GET routes, with the key of the first row of their list."""
    keys = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" not in rule.methods or NO_PAGES.search(rule.rule):
            continue
        base = rule.rule.split("/<")[0].rsplit("/", 1)[0] + "/"
        if "pk" in rule.arguments and base not in keys:
            found = re.search(r'data-pk="(\d+)"', client.get(base).text)
            keys[base] = found[1] if found else None
        if rule.arguments - {*NAMES, "pk"} or ("pk" in rule.arguments and not keys[base]):
            continue
        yield fill(rule.rule, NAMES | {"pk": keys.get(base)})


@pytest.mark.parametrize("name", ROLES, ids=str)
def test_no_page_shows_an_identifier_or_an_english_word(app, browse, name):
    # The demo has an organisation whose address is the name of its state.
    client, known, found, read = browse(name), identifiers() - {"suspended"}, {}, 0
    extra = [path for user, path in PAGES if user == name and not re.search(r"/\d+", path)]
    for path in [*pages_of(app, client), *extra]:
        answer = client.get(path)
        if answer.mimetype == "text/html" and not 300 <= answer.status_code < 400 and answer.text:
            read += 1
            if wrong := unreadable(answer.text, known):
                found[path] = wrong
    assert read > 20 or name is None
    assert not found, "\n".join(f"{path}: {wrong}" for path, wrong in found.items())


@pytest.mark.parametrize("name", ["manager-demo1", "admin"])
def test_no_confirmation_shows_them(app, browse, name):
    client, known, found, read = browse(name), identifiers(), {}, 0
    for section in (view for view in appbuilder.baseviews if isinstance(view, Section)):
        row = re.search(r'data-pk="(\d+)"', client.get(section.base_url).text)
        for act in section.declared_actions if row else ():
            answer = client.post(f"{section.base_url}action/{act}/{row[1]}")
            if answer.status_code in {200, 422}:
                read += 1
                if wrong := unreadable(answer.text, known):
                    found[section.slug, act] = wrong
    assert read > (10 if name != "admin" else 2)
    assert not found


ACT = re.compile(r'(?:record_event|record_change|name_event|record)\(\s*(?:db\.session\(\),\s*)?"([a-z_ ]+)"')


def audited():
    """The models whose rows have events that a member reads."""
    for mapper in Model.registry.mappers:
        of_tests = mapper.class_.__module__.startswith("tests.")
        if issubclass(mapper.class_, Tenant | Member | Organization) and not of_tests:
            yield mapper


class TestWordsOfEvents:
    def test_exist_for_each_act_that_the_code_records(self, app):
        with app.test_request_context():
            known = action_words()
        sources = [
            path.read_text("utf-8") for path in Path().glob("*/**/*.py") if path.parts[0] in {"app", "views"}
        ]
        recorded = {name for source in sources for name in ACT.findall(source)}
        assert len(recorded) > 15
        assert recorded <= known.keys()

    def test_exist_for_each_column_with_a_label_and_for_no_other(self, app):
        with app.test_request_context():
            for mapper in audited():
                for each in mapper.column_attrs:
                    label = name_of(mapper.class_.__name__, each.key)
                    assert label is None or not re.search("[A-Za-z]", label), (mapper, each.key)

    def test_hide_a_technical_value_an_unknown_act_and_an_unknown_kind(self, session, login, manager):
        values = {"title": "دوره", "client_token": "hidden-token", "body": "سلام علي"}
        session.add(AuditEvent(action="odd_act", object_type="OddKind", object_id=9323, after=values))
        session.add(
            AuditEvent(
                action="edit", object_type="SmsCampaign", object_id=7, after=values | {"@label": "كتاب"}
            )
        )
        session.flush()
        client = login(manager)
        pages = [
            client.get("/audit/").text,
            *(client.get(f"/audit/show/{key}").text for key in _keys(client)),
        ]
        assert "شمارهٔ ۹٬۳۲۳" in pages[0]
        for page in pages:
            assert not re.search("odd_act|OddKind|hidden-token|client_token|[يك]", page)
        assert "سلام علی" in "".join(pages)

    def test_have_the_name_of_a_row_that_a_platform_admin_looked_at(
        self, session, login, manager, organization
    ):
        customer = CustomerFactory(first_name="نرگس", last_name="امینی")
        admin = login(member("Admin", None, "guest"))
        opened = session.scalars(select(UserSession).order_by(UserSession.id.desc())).first()
        opened.acting_organization_id = organization.id
        session.flush()
        assert admin.get(f"/customers/show/{customer.id}").status_code == 200
        page = login(manager).get("/audit/").text
        assert "مشاهدهٔ مدیر سامانه" in page
        assert "نرگس امینی" in page


def _keys(client) -> list[str]:
    return re.findall(r'data-pk="(\d+)"', client.get("/audit/").text)[:2]


class TestTheReader:
    @pytest.mark.parametrize(
        ("page", "wrong"),
        [
            ("<p>سلام</p>", []),
            ("<p>Hello سلام</p>", ["English: Hello سلام"]),
            ("<p><bdi>Hello</bdi> سلام</p>", []),
            ('<p dir="ltr">Hello <b>you</b></p>', []),
            ("<p><bdi>can_export</bdi></p>", ["identifier: can_export"]),
            ("<p><bdi>FollowUp</bdi></p>", ["identifier: FollowUp"]),
            ("<td><bdi>waiting</bdi></td>", ["identifier: waiting"]),
            ('<a title="Open">باز</a>', ["English: Open"]),
            ("<p>فایل csv یا xlsx</p>", []),
            ("<p><bdi>علي</bdi></p>", ["Arabic letter: علي"]),
            ("<script>let word;</script><p>سلام</p>", []),
            ("<p>ایمیل <br>a@b.ir</p>", []),
        ],
    )
    def test_tells_data_from_words(self, app, page, wrong):
        assert unreadable(page, identifiers()) == wrong
