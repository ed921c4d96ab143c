"""Configuration problems, printed in plain words."""

from __future__ import annotations

import sys

import click

from app.checks.report import findings


@click.command("doctor")
def doctor() -> None:
    """Print what is misconfigured; exit code 1 when there is an error."""
    found = findings()
    for finding in found:
        click.echo(finding.text)
    if any(finding.is_error for finding in found):
        sys.exit(1)
