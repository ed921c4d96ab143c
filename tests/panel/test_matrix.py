"""Who may do what, cell by cell of the permission matrix; and no route that the matrix does not know."""

from collections import Counter

import pytest

from app.commands.route_rights import UNGUARDED, security_lines
from tests.support.cells import CELLS, cells_of, read_table, route_rows, standard_rows
from tests.support.matrix import Run
from tests.support.world import ACTORS, MODELS, build_world

ROLES = ("Consultant", "SupportAgent", "Manager", "Operator", "Admin")


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("section", MODELS)
def test_every_cell_answers_as_the_matrix_says(app, session, login, record_property, section, actor):
    world = build_world(session, section, actor)
    client = login(world.actor) if world.actor else app.test_client()
    everything = session.get_bind().dialect.name == "postgresql"
    run = Run(world, client)

    for cell in cells_of(section, actor):
        if everything or cell.in_sample:
            run.run(cell)

    record_property("cells", [run.passed, len(run.failed), dict(run.left_out)])
    assert run.failed == [], "\n".join(run.failed)


@pytest.mark.parametrize("name", ["permission_matrix.csv", "rights.csv", "routes.csv"])
def test_a_row_of_a_table_stands_once(name):
    rows = Counter(tuple(row.values()) for row in read_table(name))

    assert [row for row, times in rows.items() if times > 1] == []


@pytest.fixture
def routes(app):
    return route_rows()


def test_every_route_is_named(app, routes):
    named = {row["route"] for row in routes}

    assert {rule.rule for rule in app.url_map.iter_rules()} == named


def test_every_section_with_cells_is_run_or_still_to_come(routes):
    named = {row["route"].split("/")[1] for row in routes} | {row["section"] for row in routes}
    standing = named & {cell.section for cell in CELLS}

    # Everybody's own organisation has the same address; its cells are tried in test_organization_settings.py. A member's
    # notifications are one page without a page for each row; tests/notifications/test_page.py tries its cells. So is the
    # dashboard, with rows of several sections; tests/day/test_dashboard_rights.py tries its cells.
    assert standing == {*MODELS, "settings/organization", "notifications", "dashboard"}


def test_a_route_asks_for_the_right_of_its_verb(app, session, routes):
    named = {row["route"]: (row["section"], row["verb"]) for row in routes}

    wrong = [
        (line.route, line.audience, line.verb)
        for line in security_lines()
        if named[line.route]
        not in {(line.section, line.verb), (line.section, "*"), (line.audience, line.verb)}
        or line.permission == UNGUARDED
    ]

    assert wrong == []


def test_roles_hold_exactly_what_the_matrix_gives_them(app, session):
    given = {
        (cell.section, cell.verb, cell.actor)
        for cell in CELLS
        if cell.actor in ROLES and cell.channel in {"html", "action"} and cell.expect != "403"
    }
    known = {(cell.section, cell.verb) for cell in CELLS}

    wrong = [
        (line.route, line.verb, role)
        for line in security_lines()
        if (line.section, line.verb) in known and line.audience == "roles"
        for role in ROLES
        if (role in line.roles) is not ((line.section, line.verb, role) in given)
    ]

    assert wrong == []


def test_e06_the_file_names_deviations_alone(app):
    by_hand, standard = read_table("routes.csv"), standard_rows()

    assert [row for row in by_hand if row in standard] == []
    # The one standard route that asks for something else: a file is imported, not a row added.
    assert {row["route"] for row in by_hand} & {row["route"] for row in standard} == {"/imports/add"}


def test_e06_a_section_that_leaves_routes_out_has_no_rows_for_them(app, routes):
    named = {row["route"] for row in routes}

    assert "/products/trail/<pk>" in named
    assert "/products/<pk>/files" not in named
    assert "/customers/<pk>/files" in named
    assert "/audit/trail/<pk>" not in named
    assert "/api/v1/products/" in named
    assert "/api/v1/members/" not in named


def test_e06_the_command_prints_the_rows_of_a_section(app, session):
    printed = app.test_cli_runner().invoke(args=["security-matrix", "--rows", "members"]).output.splitlines()

    assert "/members/undo/<batch>,members,D" in printed
    assert "# of its own, to be written in tests/data/routes.csv: /members/password/<pk>" in printed
    rows = [",".join(row.values()) for row in standard_rows() if row["section"] == "members"]
    assert [line for line in printed if line[0] != "#"] == rows


def test_e06_the_command_knows_sections_alone(app, session):
    refused = app.test_cli_runner().invoke(args=["security-matrix", "--rows", "memberz"])

    assert refused.exit_code == 1
    assert "members" in refused.output
