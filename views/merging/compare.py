"""Customers side by side: their values, field by field, and what a merge would move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, inspect, literal, select, union_all

from app.extensions import db
from app.lib.mobile import display_mobile
from app.lib.persian import persian_digits
from app.services.merge.fields import FieldChoice, choices_of, joined_notes
from app.services.merge.relations import MOVED
from models.customer import Customer
from models.dossier import Dossier

# Fields of digits, and all whose values are written from left to right.
_DIGITS = frozenset({"mobile", "national_id"})
_LEFT_TO_RIGHT = frozenset({"mobile", "email", "national_id"})


@dataclass(frozen=True)
class Head:
    """A customer at the top of a column."""

    id: int
    name: str
    url: str
    mobile: str
    created_at: datetime


@dataclass(frozen=True)
class Option:
    customer_id: int
    text: str
    is_chosen: bool


@dataclass(frozen=True)
class FieldRow:
    """A field with an option of each customer; None where the customer has no value."""

    name: str
    label: str
    options: Sequence[Option | None]
    differs: bool
    is_ltr: bool


@dataclass(frozen=True)
class Figures:
    """How many rows of one kind each customer has."""

    label: str
    counts: Sequence[int]


@dataclass(frozen=True)
class Comparison:
    heads: Sequence[Head]
    fields: Sequence[FieldRow]
    figures: Sequence[Figures]
    moved: int
    note: str | None
    is_opted_out: bool
    versions: str


def compare(customers: Sequence[Customer], chosen: Mapping[str, int], base_url: str) -> Comparison:
    """*customers*, the oldest first, with the values that are *chosen*."""
    dossiers = _names_of_dossiers(customers)
    figures = _figures(customers)
    heads = [
        Head(each.id, str(each), f"{base_url}show/{each.id}", each.mobile, each.created_at)
        for each in customers
    ]
    return Comparison(
        heads=heads,
        fields=[_row(each, customers, dossiers) for each in choices_of(customers, chosen) if each.values],
        figures=figures,
        moved=sum(sum(each.counts[1:]) for each in figures),
        note=joined_notes(customers),
        is_opted_out=any(each.opted_out for each in customers),
        versions=",".join(f"{each.id}:{each.row_version}" for each in customers),
    )


def _row(field: FieldChoice, customers: Sequence[Customer], dossiers: Mapping[int, str]) -> FieldRow:
    options = [
        Option(each.id, _text(field.name, field.values[each.id], dossiers), each.id == field.chosen)
        if each.id in field.values
        else None
        for each in customers
    ]
    return FieldRow(field.name, _label(field.name), options, field.differs, field.name in _LEFT_TO_RIGHT)


def _text(name: str, value: Any, dossiers: Mapping[int, str]) -> str:
    if name in _DIGITS:
        return persian_digits(display_mobile(value) if name == "mobile" else value)
    return dossiers.get(value, _("Deleted dossier")) if name == "dossier_id" else str(value)


def _label(name: str) -> str:
    return str(inspect(Customer).columns[name].info["label"])


def _names_of_dossiers(customers: Sequence[Customer]) -> dict[int, str]:
    keys = {each.dossier_id for each in customers} - {None}
    if not keys:
        return {}
    statement = select(Dossier.id, Dossier.legal_name).where(Dossier.id.in_(keys))
    return dict(db.session.execute(statement).all())


def _figures(customers: Sequence[Customer]) -> list[Figures]:
    keys = [each.id for each in customers]
    named = [each for each in MOVED if each.label is not None]
    counts = [
        select(literal(number).label("number"), each.key.label("customer_id"), func.count(each.model.id))
        .where(each.of(keys))
        .group_by(each.key)
        for number, each in enumerate(named)
    ]
    found = {(number, key): count for number, key, count in db.session.execute(union_all(*counts))}
    rows = [
        Figures(str(each.label), [found.get((number, key), 0) for key in keys])
        for number, each in enumerate(named)
    ]
    return [each for each in rows if any(each.counts)]
