"""The lines of the rows behind the figures of reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.panel.access import permitted_section
from app.panel.report.parts import RowLine
from models.customer import Customer
from models.tenancy.scope import actor_of, whole_organization


def read_rows(model: Any, keys: Sequence[int]) -> dict[int, Any]:
    """Rows that figures count, by their keys, also after they were given away or deleted."""
    with whole_organization(db.session()):
        found = db.session.scalars(
            select(model).where(model.id.in_(keys)), execution_options={"with_deleted": True}
        )
        return {each.id: each for each in found}


def customers_of(rows: Sequence[Any]) -> dict[int, Customer]:
    """The customers of *rows* that the reader sees."""
    keys = {each.customer_id for each in rows if each.customer_id}
    found = db.session.scalars(select(Customer).where(Customer.id.in_(keys)))
    return {each.id: each for each in found}


def openable(slug: str, model: Any, keys: Sequence[int]) -> set[int]:
    """Those of the rows whose page in the section *slug* the reader may open."""
    if not permitted_section(slug, "can_show"):
        return set()
    return set(db.session.scalars(select(model.id).where(model.id.in_(keys))))


def customer_line(customer: Customer | None, *texts: str) -> RowLine:
    """A line that begins with its customer and leads to them."""
    is_open = customer is not None and permitted_section("customers", "can_show")
    return RowLine(
        [name_of(customer), *texts], f"/customers/show/{customer.id}" if customer and is_open else ""
    )


def name_of(customer: Customer | None) -> str:
    """The name of a customer whom the reader sees; otherwise why there is none."""
    if customer is not None:
        return str(customer)
    return str(_("With a colleague now") if actor_of(db.session()).own else _("Deleted"))
