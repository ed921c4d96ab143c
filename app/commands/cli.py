"""Commands for whoever runs the panel; all are safe to repeat."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any

import click
from alembic import command
from alembic.config import Config as AlembicConfig
from flask import Flask, current_app
from werkzeug.security import generate_password_hash

from app.checks.database import refuse_unready
from app.checks.report import findings
from app.commands.grants import grant_to_app
from app.commands.permissions import security_matrix
from app.errors import DomainError
from app.extensions import db
from app.gateways.sms.sandbox_ledger import read_ledger
from app.lib.persian import group_number, persian_digits
from app.security_manager import sync_roles
from app.services.demo.build import build_demo, describe_demo, is_built
from app.services.imports.jobs import AlreadyImported
from app.services.member import found_admin
from app.services.organization import found_organization, get_organization
from app.services.sms.invariants.checks import check as check_messages
from app.services.sms.invariants.ledger import check_ledger
from app.services.sms.provider import ensure_account
from app.tasks.audit import verify_chains
from app.tasks.imports import import_file
from models.tenancy.row_security import allow_search_index

NOTHING_NEW: dict[str, Any] = {
    "rows": 0,
    "accepted": 0,
    "customers": 0,
    "repeated": 0,
    "first_orders": 0,
    "rejected": {"mobile": [], "product": [], "date": []},
}
ROOT = Path(__file__).parents[2]
SEED = 7


def alembic_config(url: str) -> AlembicConfig:
    """Alembic's settings for the database at *url*."""
    config = AlembicConfig(toml_file=str(ROOT / "pyproject.toml"))
    config.attributes["url"] = url
    return config


def migrate() -> None:
    """Bring the tables to the newest revision, then the roles to what the sections declare."""
    url = current_app.config.get("DATABASE_OWNER_URL") or current_app.config["SQLALCHEMY_DATABASE_URI"]
    command.upgrade(alembic_config(url), "head")
    allow_search_index(url)
    grant_to_app(url, current_app.config["SQLALCHEMY_DATABASE_URI"])
    sync_roles()


def register(app: Flask) -> None:
    """Add our commands to ``flask --app run``."""
    for each in COMMANDS:
        app.cli.add_command(each)


@click.command("upgrade")
def upgrade() -> None:
    """Migrate the database and write the declared roles."""
    migrate()
    _open_account()
    click.echo("پایگاه داده و نقش‌ها به‌روز هستند.")


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
        _build(organizations=organizations, follow_ups=follow_ups, seed=seed)
    standing = describe_demo(_password(seed))
    if as_json:
        click.echo(json.dumps(asdict(standing), ensure_ascii=False))
        return
    _print_accounts(standing.users)


def _build(*, organizations: int, follow_ups: int, seed: int) -> None:
    try:
        build_demo(
            organizations=organizations,
            follow_ups=follow_ups,
            seed=seed,
            password_hash=generate_password_hash(_password(seed)),
            on_filled=_Progress(organizations * follow_ups),
        )
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()


class _Progress:
    """Prints how much is done, at most once a second, to the error stream: the output may be JSON."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.printed_at = total, 0, monotonic()

    def __call__(self, amount: int) -> None:
        self.done += amount
        if monotonic() - self.printed_at < 1:
            return
        self.printed_at = monotonic()
        click.echo(f"{group_number(self.done)} از {group_number(self.total)} پیگیری نوشته شد.", err=True)


def _password(seed: int) -> str:
    return f"ava-demo-{seed}"


def _print_accounts(users: list[dict[str, Any]]) -> None:
    for user in users:
        click.echo(f"  {user['role']:<13} {user['username']:<20} {user['password']}")


@click.command("prepare")
def prepare() -> None:
    """What `make run` needs before it serves: migrated tables, demo data once; prints one account per role."""
    migrate()
    refuse_unready(current_app.config)
    _open_account()
    if current_app.config["APP_ENV"] == "production":
        return
    if not is_built():
        _build(organizations=2, follow_ups=60, seed=SEED)
    users = describe_demo(_password(SEED)).users
    first = {user["role"]: user for user in reversed(users) if user["active"]}
    _print_accounts(list(first.values()))


def _open_account() -> None:
    """The account that the environment names, or the sandbox where that may be."""
    settings = current_app.config
    if settings["SMS_BASE_URL"]:
        ensure_account(
            settings["SMS_BASE_URL"], settings["SMS_API_KEY"], settings["SMS_LINE"], calls_per_second=10
        )
    elif settings["APP_ENV"] != "production":
        url = f"http://127.0.0.1:{settings['SANDBOX_PORT']}/v1"
        ensure_account(url, "sandbox", "10004346", calls_per_second=None)
    db.session.commit()


@click.command("create-organization")
@click.argument("slug")
@click.option("--name", required=True, help="What people call it.")
@click.option("--products", type=click.Path(exists=True, path_type=Path), help="JSON with «products».")
def create_organization(slug: str, name: str, products: Path | None) -> None:
    """Found an organisation that can work at once."""
    titles: dict[str, str] = json.loads(products.read_text("utf-8"))["products"] if products else {}
    try:
        organization = found_organization(slug, name, titles)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"سازمان {organization.name} با {persian_digits(len(titles))} محصول ساخته شد.")


@click.command("create-admin")
@click.argument("username")
@click.option("--email", required=True, help="Where links for a new password go.")
def create_admin(username: str, email: str) -> None:
    """Make a platform admin; prints a password for the first login, within a day."""
    try:
        password = found_admin(username, email)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"مدیر سامانه ساخته شد. رمز یک‌بارمصرف تا ۲۴ ساعت: {password}")


@click.command("import-orders")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organization", "slug", required=True, help="Its short name.")
@click.option("--assign", is_flag=True, help="Deal the orders to the consultants who are present.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def import_orders(file: Path, slug: str, *, assign: bool, as_json: bool) -> None:
    """Import a csv or xlsx file of orders, its columns found by their headings."""
    try:
        figures = import_file(file, get_organization(slug), assign=assign, tell=_say)
    except AlreadyImported as warning:
        # Safe to repeat: nothing is added, and that is no failure.
        click.echo(str(warning), err=True)
        figures = NOTHING_NEW
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


def _say(line: str) -> None:
    """Beside the figures, which may be JSON."""
    click.echo(persian_digits(line), err=True)


@click.command("sms-audit")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--ledger", "ledgers", multiple=True, help="A sandbox's http://…/sandbox/ledger, to compare with."
)
def sms_audit(ledgers: tuple[str, ...], *, as_json: bool) -> None:
    """Hold all messages against the invariants; ends with 1 when one is broken."""
    findings = check_messages()
    if ledgers:
        findings += check_ledger(accept for url in ledgers for accept in read_ledger(url))
    if as_json:
        told = [{**asdict(each), "holds": each.holds} for each in findings]
        click.echo(json.dumps(told, default=str))
    for each in () if as_json else findings:
        verdict = "برقرار" if each.holds else f"شکسته: {list(each.broken)}"
        click.echo(f"{each.name:<5} {each.says:<70} {verdict}")
    if not all(each.holds for each in findings):
        sys.exit(1)


@click.command("verify-audit")
def verify_audit() -> None:
    """Walk along the trail of every organisation; exit code 1 when an event was altered or taken out."""
    verdicts = verify_chains()
    for slug, verdict in verdicts.items():
        found = f"{verdict.links} رویداد زنجیر شده و {verdict.unlinked} رویداد در انتظار، سر زنجیر "
        if verdict.broken_at is not None:
            found = f"زنجیر پس از {verdict.links} رویداد، در رویداد {verdict.broken_at} شکسته است؛ تا آنجا "
        click.echo(f"{slug}: {persian_digits(found)}{verdict.head}")
    if any(verdict.broken_at is not None for verdict in verdicts.values()):
        sys.exit(1)


@click.command("doctor")
def doctor() -> None:
    """Say in plain words what is misconfigured."""
    found: list[Any] = findings()
    for finding in found:
        click.echo(finding.text)
    if any(finding.is_error for finding in found):
        sys.exit(1)


COMMANDS = (
    upgrade,
    demo,
    prepare,
    create_organization,
    create_admin,
    import_orders,
    verify_audit,
    sms_audit,
    doctor,
    security_matrix,
)
