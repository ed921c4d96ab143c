"""Configuration problems, printed in plain words."""

from __future__ import annotations

import sys

import click

from app.checks.report import findings


@click.command("doctor")
def doctor() -> None:
    """Say in plain words what is misconfigured."""
    found = findings()
    for finding in found:
        click.echo(finding.text)
    if any(finding.is_error for finding in found):
        sys.exit(1)
