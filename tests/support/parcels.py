"""A section of no product with an action that not every row allows.

A pytest plugin for a run of its own, as `every_type.py` is one (`tests/panel/test_action_conditions.py` starts it).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, relationship

from app.errors import DomainError
from app.extensions import db
from app.panel.access import Access
from app.panel.action import Done, action, counted
from app.panel.forms.builder import MayBeEmpty, PanelForm
from app.panel.forms.fields import NumberField
from app.panel.section import Section
from app.panel.words import Under
from models.base import Authored, Row, SoftDelete, Tenant, Versioned, field, reads
from models.product import Product


class Parcel(Row, Tenant, Authored, SoftDelete, Versioned, Model):
    __tablename__ = "parcels"

    name: Mapped[str] = field("name", String(80))
    weight: Mapped[int] = field("weight", Integer, default=1)
    sent: Mapped[int] = field("sent", Integer, default=0)
    product_id: Mapped[int | None] = field("product", ForeignKey("products.id"))

    product: Mapped[Product | None] = relationship()

    @reads("name")
    def __str__(self) -> str:
        return self.name


def _is_here(row: Any) -> str | None:
    return "it has left" if row.sent else None


def _is_light(row: Any) -> str | None:
    return _is_here(row) or ("it is too heavy" if row.weight > 10 else None)


class CarryForm(PanelForm):
    floor = NumberField("floor", [MayBeEmpty()], least=0, most=90)


class Parcels(Section):
    model = Parcel
    slug = "parcels"
    rest = True
    title, title_one = "Parcels", "parcel"
    columns = ("name", "weight")
    under = {"name": Under(("product",))}
    preload = ("sent", "weight")
    form = ("name", "weight")
    roles = {"Manager": Access.FULL | Access.actions("send", "carry"), "Consultant": Access.READ}

    @action(
        "Send",
        icon="send",
        confirm=counted("%(num)s parcel leaves.", "%(num)s parcels leave."),
        submit=counted("Send %(num)s parcel", "Send %(num)s parcels"),
        when=_is_here,
        on_row=True,
        rest=True,
    )
    def send(self, rows: Sequence[Parcel], form: Any) -> Done:
        for row in rows:
            row.sent += 1
        db.session.flush()
        return Done(f"{len(rows)} sent.")

    @action(
        "Carry",
        icon="stairs-up",
        confirm=counted("%(num)s parcel is carried.", "%(num)s parcels are carried."),
        submit=counted("Carry %(num)s parcel", "Carry %(num)s parcels"),
        form=CarryForm,
        when=_is_light,
        rest=True,
    )
    def carry(self, rows: Sequence[Parcel], form: CarryForm) -> Done:
        if (form.floor.data or 0) > 3:
            raise DomainError("no lift goes there", field="floor")
        return Done(f"{len(rows)} carried.")


@pytest.fixture(autouse=True)
def _table(session):
    Parcel.__table__.create(session.connection())
