"""S03: a stranger's rows appear on no page, whatever table they lie in and whoever asks."""

import re

import pytest

from app.services.account.token import make_token
from models.account import TokenScope
from tests.factories import member
from tests.support.strangers import (
    MAKERS,
    MARKED,
    NOBODYS,
    fill,
    tables_without_organization,
    word_of,
)

ROLES = ("Consultant", "SupportAgent", "Manager", "Operator", "Admin")
# Sections of tables without an organisation, and of a member's own things: asked for with every key.
OF_PEOPLE = {
    "account",
    "members",
    "organizations",
    "sms-providers",
    "roles",
    "console",
    "jobs",
    "exports",
    "notifications",
}
OTHERS = {"name": ["mobile", "consultant", "product"], "slug": ["customers"], "locale": ["fa"]}
ODD = {"uuid": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "moment": "1", "batch": "1", "filename": "x.css"}
# What the platform's admin is there to see: the tables of the console, organisations and providers.
ADMINS = re.compile(r"/(console|organizations|sms-providers)/")
# Where the support of the platform reads the names of organisations, to write to one.
NAMED = frozenset({"/tickets/add"})
LOGOUT = {
    "/logout/",
    "/lang/<string:locale>",
    "/static/<path:filename>",
    "/static/appbuilder/<path:filename>",
}
# Where one's own row stands: without it the test would prove nothing.
SHOWN = {
    "/account/sessions/": ["user_sessions", "login_events"],
    "/account/tokens/": ["api_tokens"],
    "/exports/": ["export_jobs"],
    "/jobs/": ["bulk_jobs"],
    "/notifications/": ["notifications"],
    "/customers/views": ["table_views"],
    "/reports/final-sales/saved": ["saved_reports"],
}


def test_every_table_without_an_organisation_has_a_row_of_a_stranger():
    """A new table needs a maker in tests/support/strangers.py, or a word on why its rows are nobody's."""
    names = {table.name for table in tables_without_organization()}

    assert names - MAKERS.keys() - NOBODYS.keys() - set(MARKED) == set()


@pytest.fixture
def people(session, organization, stranger_organization, manager):
    """Somebody of the organisation, and somebody of another one, with rows in every table."""
    colleague = member("Consultant", organization, "beside")
    outsider = member("Manager", stranger_organization, "outside")
    ids = [colleague.id, outsider.id]
    keys = fill(session, ids[0]) | fill(session, ids[1], of_another_organization=True)
    return [word_of(each) for each in ids], keys


def addresses(app, keys):
    """Every address that can be read, with each key that could be somebody else's."""
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.rule in LOGOUT:
            continue
        wanted = sorted(keys) if rule.rule.split("/")[1] in OF_PEOPLE else sorted(keys)[:1]
        for key in wanted if "pk" in rule.arguments else [0]:
            for other in OTHERS.get(next(iter(rule.arguments & OTHERS.keys()), ""), [""]):
                given = {name: ODD.get(name, other or "x") for name in rule.arguments - {"pk"}}
                yield address_of(rule, {**given, "pk": key})


def address_of(rule, given):
    return re.sub(r"<[^>]*?(\w+)>", lambda found: str(given[found[1]]), rule.rule)


def found_on(client, address, words, **options):
    answer = client.get(address, **options)
    text = answer.get_data().decode(errors="ignore") + str(answer.headers)
    answer.close()
    return [word for word in words if word in text]


@pytest.mark.parametrize("role", [None, *ROLES])
def test_no_page_shows_a_strangers_row(app, session, login, organization, people, role):
    words, keys = people
    client, headers = app.test_client(), {}
    if role is not None:
        home = None if role in {"Operator", "Admin"} else session.merge(organization)
        reader = member(role, home, "reader")
        _row, secret = make_token(reader, name="walk", scope=TokenScope.READ, days=1)
        headers, client = {"Authorization": f"Bearer {secret}"}, login(reader)
    session.commit()

    shown = {}
    for address in addresses(app, keys):
        options = {"headers": headers} if address.startswith("/api/") else {}
        found = found_on(client, address, words, **options)
        is_named = role in {"Operator", "Admin"} and address in NAMED
        if found and not is_named and not (role == "Admin" and ADMINS.match(address)):
            shown[address] = found

    assert shown == {}


# Their rows name a section, which the canary is not.
OF_SECTIONS = {"/exports/", "/jobs/"}


@pytest.mark.parametrize("address", sorted(OF_SECTIONS))
@pytest.mark.parametrize("role", ["Consultant", "Manager"])
def test_ones_own_jobs_are_listed(session, login, organization, people, address, role):
    reader = member(role, session.merge(organization), "reader")
    client = login(reader)
    before = client.get(address).text.count("data-pk=")
    fill(session, reader.id)

    assert before == 0
    assert "data-pk=" in client.get(address).text


@pytest.mark.parametrize("address", sorted(SHOWN.keys() - OF_SECTIONS))
@pytest.mark.parametrize("role", ["Consultant", "Manager"])
def test_ones_own_rows_are_shown(session, login, organization, people, address, role):
    reader = member(role, session.merge(organization), "reader")
    client, word = login(reader), word_of(reader.id)
    fill(session, reader.id)

    assert found_on(client, address, [word]) == [word]
