"""Creation of organisations and of platform admins."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click

from app.errors import DomainError
from app.extensions import db
from app.lib.email import is_email
from app.lib.persian import is_blank, persian_digits
from app.services import member as members
from app.services import organization as organizations
from models.organization import Organization
from models.product import Product
from models.text_rules import as_stored

# What the form of a member takes as user name.
_USERNAME = re.compile(r"[\w.@+-]{3,60}")


@click.command("create-organization")
@click.argument("slug")
@click.option("--name", required=True, help="What people call it.")
@click.option(
    "--products",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file whose «products» maps codes to titles.",
)
def create_organization(slug: str, name: str, products: Path | None) -> None:
    """Create an organisation with the default settings."""
    titles = _read_products(products) if products else {}
    _refuse_long(Organization, slug=slug, name=name)
    try:
        organization = organizations.create_organization(slug, name, titles)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"سازمان {organization.name} با {persian_digits(len(titles))} محصول ساخته شد.")


def _read_products(file: Path) -> dict[str, str]:
    """The titles of the products in *file* by code; raises `ClickException` for a file that is written otherwise."""
    try:
        read = json.loads(file.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{file.name} یک فایل JSON با کدگذاری UTF-8 نیست.") from error
    given = read.get("products") if isinstance(read, dict) else None
    if not isinstance(given, dict) or not all(isinstance(title, str) for title in given.values()):
        words = '{"products": {"P-1": "دوره زبان"}}'
        raise click.ClickException(f"{file.name} باید کد و عنوان محصول‌ها را داشته باشد؛ مانند {words}")
    titles: dict[str, str] = {}
    for code, title in given.items():
        row = as_stored(Product, {"code": code.strip(), "title": title.strip()})
        if is_blank(row["code"]) or is_blank(row["title"]):
            raise click.ClickException(f"محصول «{code}: {title}» کد یا عنوان ندارد.")
        if row["code"] in titles:
            raise click.ClickException(f"کد «{row['code']}» دو بار آمده است.")
        _refuse_long(Product, **row)
        titles[row["code"]] = row["title"]
    return titles


def _refuse_long(model: Any, **values: str) -> None:
    """Raise `ClickException` for a value that its column of *model* cannot hold."""
    for name, value in values.items():
        most = model.__table__.c[name].type.length
        if len(value) > most:
            raise click.ClickException(persian_digits(f"حداکثر {most} نویسه: ") + f"{value[:20]}…")


@click.command("create-admin")
@click.argument("username")
@click.option("--email", required=True, help="Where links for a new password go.")
def create_admin(username: str, email: str) -> None:
    """Create a platform admin and print a one-time password, valid for a day."""
    if _USERNAME.fullmatch(username) is None:
        raise click.ClickException("نام کاربری ۳ تا ۶۰ حرف، رقم یا نشانهٔ . - _ است.")
    if not is_email(email.strip()):
        raise click.ClickException("این نشانی ایمیل معتبر نیست.")
    try:
        password = members.create_admin(username, email)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"مدیر سامانه ساخته شد. رمز یک‌بارمصرف تا ۲۴ ساعت: {password}")
