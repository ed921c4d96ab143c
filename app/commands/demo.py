"""The demo data: built once, described on every call."""

from __future__ import annotations

import json
from dataclasses import asdict
from time import monotonic
from typing import Any

import click
from werkzeug.security import generate_password_hash

from app.errors import DomainError
from app.extensions import db
from app.lib.persian import group_number
from app.services.demo.build import build_demo, is_built
from app.services.demo.description import describe_demo

SEED = 7


@click.command("demo")
@click.option("--organizations", type=click.IntRange(min=1), default=2, show_default=True)
@click.option(
    "--follow-ups",
    type=click.IntRange(min=0),
    default=60,
    show_default=True,
    help="For each organisation.",
)
@click.option("--seed", default=SEED, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def demo(organizations: int, follow_ups: int, seed: int, *, as_json: bool) -> None:
    """Load the demo data, once."""
    if is_built():
        click.echo("داده‌های نمایشی از پیش هست.", err=True)
    else:
        build(organizations=organizations, follow_ups=follow_ups, seed=seed)
    description = describe_demo(demo_password(seed))
    if as_json:
        click.echo(json.dumps(asdict(description), ensure_ascii=False))
        return
    print_accounts(description.users)


def build(*, organizations: int, follow_ups: int, seed: int) -> None:
    """Build the demo data and commit it."""
    try:
        build_demo(
            organizations=organizations,
            follow_ups=follow_ups,
            seed=seed,
            password_hash=generate_password_hash(demo_password(seed)),
            on_filled=_Progress(organizations * follow_ups),
        )
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()


class _Progress:
    """Prints the progress at most once a second, to stderr because stdout may be JSON."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.printed_at = total, 0, monotonic()

    def __call__(self, amount: int) -> None:
        self.done += amount
        if monotonic() - self.printed_at < 1:
            return
        self.printed_at = monotonic()
        click.echo(f"{group_number(self.done)} از {group_number(self.total)} پیگیری نوشته شد.", err=True)


def demo_password(seed: int) -> str:
    """The password of all demo accounts."""
    return f"ava-demo-{seed}"


def print_accounts(users: list[dict[str, Any]]) -> None:
    for user in users:
        click.echo(f"  {user['role']:<13} {user['username']:<20} {user['password'] or 'رمز دیگری دارد'}")
