"""Import of orders from a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from app.errors import DomainError
from app.lib.persian import persian_digits
from app.lib.tables.values.styles import DateStyle, NumberStyle
from app.services.imports.jobs import AlreadyImported
from app.services.organization import get_organization
from app.tasks.imports import import_file
from models.job import RejectReason

# A line names at most this many rejected rows.
_MOST_NAMED = 10
NOTHING_IMPORTED: dict[str, Any] = {
    "rows": 0,
    "accepted": 0,
    "customers": 0,
    "repeated": 0,
    "first_orders": 0,
    "rejected": {"mobile": [], "product": [], "date": []},
}


@click.command("import-orders")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organization", "slug", required=True, help="Its short name.")
@click.option("--assign", is_flag=True, help="Deal the orders to the consultants who are present.")
@click.option("--sheet", help="The sheet of a workbook; by default the one with the best headings.")
@click.option(
    "--dates",
    type=click.Choice([each.value for each in DateStyle]),
    help="How ambiguous dates such as 11/12/2026 are read.",
)
@click.option(
    "--numbers",
    type=click.Choice([each.value for each in NumberStyle]),
    help="What the sign in a quantity of 1.000 separates.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def import_orders(file: Path, slug: str, *, assign: bool, as_json: bool, **reading: str | None) -> None:
    """Import a csv or xlsx file of orders, its columns found by their headings."""
    try:
        organization = get_organization(slug)
        figures = import_file(file, organization, assign=assign, reading=reading, tell=_print_line)
    except AlreadyImported as warning:
        # The command is safe to repeat, so this is no failure.
        click.echo(str(warning), err=True)
        figures = NOTHING_IMPORTED
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    rejected = sum(len(rows) for rows in figures["rejected"].values())
    click.echo(
        persian_digits(
            f"{figures['accepted']} سفارش از {figures['rows']} ردیف وارد شد: {figures['customers']} مشتری تازه، "
            f"{figures['repeated']} سفارش تکراری، {rejected} ردیف ردشده."
        )
    )
    for reason in RejectReason:
        if rows := figures["rejected"].get(reason.value):
            numbers = "، ".join(map(str, rows[:_MOST_NAMED])) + ("، …" if len(rows) > _MOST_NAMED else "")
            click.echo(persian_digits(f"  {reason.label} ({len(rows)}): ردیف {numbers}"))


def _print_line(line: str) -> None:
    """Print to stderr, because stdout may be JSON."""
    click.echo(persian_digits(line), err=True)
