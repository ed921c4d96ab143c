"""The routes with their permissions and the roles that have them, as `security-matrix` prints them."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from flask import current_app

from app.commands.route_rights import security_lines
from app.commands.standard_routes import rows_of
from app.panel.section import Section


@click.command("security-matrix")
@click.option("--json", "as_json", is_flag=True, help="Print the lines as JSON.")
@click.option(
    "--rows", "slug", metavar="SECTION", help="Print the rows of the standard routes of one section."
)
def security_matrix(*, as_json: bool, slug: str | None) -> None:
    """Print every route with its section, verb and permission, and the roles that have it."""
    if slug is not None:
        _print_rows(slug)
        return
    lines = security_lines()
    if as_json:
        click.echo(json.dumps([asdict(line) for line in lines], ensure_ascii=False))
        return
    for line in lines:
        click.echo(f"{line.route:<45} {line.verb:<16} {line.permission or '—':<22} {' '.join(line.roles)}")


def _print_rows(slug: str) -> None:
    """The rows that the tests derive from the declaration, then the routes that need a row in `routes.csv`."""
    section = next((each for each in Section.registry if each.slug == slug), None)
    if section is None:
        known = ", ".join(sorted(each.slug for each in Section.registry))
        raise click.ClickException(f"There is no section {slug}; there are {known}.")
    rows = rows_of(section)
    for row in rows:
        click.echo(str(row))
    prefixes = (f"/{slug}/", f"/api/v1/{slug}/")
    routes = {rule.rule for rule in current_app.url_map.iter_rules() if rule.rule.startswith(prefixes)}
    for route in sorted(routes - {row.route for row in rows}):
        click.echo(f"# of its own, to be written in tests/data/routes.csv: {route}")
