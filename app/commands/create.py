"""Creation of organisations and of platform admins."""

from __future__ import annotations

import json
from pathlib import Path

import click

from app.errors import DomainError
from app.extensions import db
from app.lib.persian import persian_digits
from app.services import member as members
from app.services import organization as organizations


@click.command("create-organization")
@click.argument("slug")
@click.option("--name", required=True, help="What people call it.")
@click.option("--products", type=click.Path(exists=True, path_type=Path), help="JSON with «products».")
def create_organization(slug: str, name: str, products: Path | None) -> None:
    """Create an organisation with the default settings."""
    titles: dict[str, str] = json.loads(products.read_text("utf-8"))["products"] if products else {}
    try:
        organization = organizations.create_organization(slug, name, titles)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"سازمان {organization.name} با {persian_digits(len(titles))} محصول ساخته شد.")


@click.command("create-admin")
@click.argument("username")
@click.option("--email", required=True, help="Where links for a new password go.")
def create_admin(username: str, email: str) -> None:
    """Create a platform admin and print a one-time password, valid for a day."""
    try:
        password = members.create_admin(username, email)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"مدیر سامانه ساخته شد. رمز یک‌بارمصرف تا ۲۴ ساعت: {password}")
