"""Each route has a group, and those that cost more than a page have the group that was agreed on."""

from collections import defaultdict

import pytest

from app.panel.rates.groups import UNCOUNTED, Group, declared
from app.panel.report.report import Report
from app.panel.section import Section
from config import RATES
from tests.support.addresses import addresses

READ, WRITE = "GET", "POST"
# What a route of a name does, wherever a section or a page has it.
BY_NAME = {
    (READ, "lookup"): Group.SEARCH,
    (READ, "known"): Group.SEARCH,
    (READ, "print_view"): Group.LIST,
    (READ, "progress"): Group.NEWS,
    (READ, "news"): Group.NEWS,
    (READ, "import_progress"): Group.NEWS,
    (READ, "board_view"): Group.LIST,
    (WRITE, "export"): Group.EXPORT,
    (WRITE, "attach"): Group.UPLOAD,
    (WRITE, "import_file"): Group.UPLOAD,
    (WRITE, "answer"): Group.CHAT,
    (WRITE, "edit"): Group.WRITE,
    (WRITE, "delete"): Group.WRITE,
    (WRITE, "totals"): Group.PAGE,
    (WRITE, "add_totals"): Group.PAGE,
    (WRITE, "edit_totals"): Group.PAGE,
}
BY_ADDRESS = {
    (READ, "/palette/rows"): Group.SEARCH,
    (READ, "/messages/lookup"): Group.SEARCH,
    (READ, "/reports/overall/"): Group.REPORT,
    (READ, "/reports/final-sales/rows"): Group.REPORT,
    (READ, "/dashboard/"): Group.PAGE,
    (READ, "/api/v1/customers/"): Group.LIST,
    (READ, "/api/v1/customers/<key:pk>"): Group.PAGE,
    (WRITE, "/api/v1/customers/"): Group.WRITE,
    (WRITE, "/follow-ups/<pk>/result"): Group.WRITE,
    (WRITE, "/messages/add"): Group.CHAT,
    (WRITE, "/imports/add"): Group.UPLOAD,
    (READ, "/sms/report/<provider>/<secret>"): Group.WEBHOOK,
    (WRITE, "/sms/report/<provider>/<secret>"): Group.WEBHOOK,
    (WRITE, "/sms/inbound/<provider>/<secret>"): Group.WEBHOOK,
    (WRITE, "/login/"): Group.LOGIN,
    (WRITE, "/login/code"): Group.LOGIN,
    (WRITE, "/forgot-password/"): Group.LOGIN,
    (WRITE, "/reset-password/<token>"): Group.LOGIN,
    (READ, "/login/"): Group.PAGE,
    (READ, "/healthz"): Group.FREE,
    (READ, "/readyz"): Group.FREE,
}


@pytest.fixture
def routes(app):
    """(method, address, name of the function, its view, group) of each route."""
    functions = app.view_functions
    return [
        (
            method,
            rule.rule,
            rule.endpoint.rpartition(".")[2],
            getattr(functions[rule.endpoint], "__self__", None),
            declared(functions[rule.endpoint], method),
        )
        for rule, _address in addresses(app)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    ]


def test_every_route_has_a_group_with_a_limit(app, routes):
    known = {group.value for group in Group if group not in UNCOUNTED}

    assert known == set(RATES)
    assert [row[:3] for row in routes if not (isinstance(row[4], Group) or callable(row[4]))] == []
    assert len(routes) > 800


def test_routes_of_a_name_have_the_group_of_their_kind(routes):
    wrong = [
        (method, address, group)
        for method, address, name, view, group in routes
        if isinstance(view, Section) and group is not BY_NAME.get((method, name), group)
    ]

    assert wrong == []


def test_every_list_and_every_report_is_counted_as_one(routes):
    wrong = [
        (address, group)
        for method, address, name, view, group in routes
        if isinstance(view, Section | Report)
        and (method, name) in {(READ, "index"), (READ, "list")}
        and group is not (Group.REPORT if isinstance(view, Report) else Group.LIST)
    ]

    assert wrong == []


@pytest.mark.parametrize(("route", "group"), BY_ADDRESS.items(), ids=str)
def test_an_address_has_the_agreed_group(routes, route, group):
    assert {row[4] for row in routes if row[:2] == route} == {group}


def test_only_logins_assets_and_health_checks_are_not_counted(routes):
    free = defaultdict(set)
    for _method, address, _name, _view, group in routes:
        if group in UNCOUNTED:
            free[group].add(address)

    assert free[Group.FREE] == {"/healthz", "/readyz"}
    assert free[Group.LOGIN] == {"/login/", "/login/code", "/forgot-password/", "/reset-password/<token>"}
