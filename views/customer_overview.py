"""What the page of a customer shows beside the timeline, read by one statement in the rights and scope of the member."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask import g
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, Subquery, func, null, select, true

from app.extensions import db
from app.lib.money import format_amount
from app.lib.persian import group_number
from app.panel.access import permitted_section
from app.panel.actor import currency
from app.panel.formatting import currency_unit
from models.customer import Customer
from models.customer_merge import CustomerMerge
from models.dossier import Dossier
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order
from models.product import Product
from models.result_title import ResultTitle
from models.sale import STANDING, Sale
from views.merging.merges import undoable_merges

MOST_SHOWN = 10


class OpenFollowUp(NamedTuple):
    id: int
    next_at: datetime | None
    product: str
    colour: Any
    first_name: str | None
    last_name: str | None


class LatestMerge(NamedTuple):
    """The latest merge into the customer that can be undone."""

    id: int
    absorbed: Sequence[dict[str, Any]]
    at: datetime


@dataclass(frozen=True)
class _Figure:
    """A number of a customer: its statement, its label and how it is shown."""

    statement: Select[Any]
    label: str
    show: Callable[[int], str]


@dataclass(frozen=True)
class Overview:
    """What the page of a customer shows beside the timeline; None where the member has no right to it."""

    figures: Sequence[tuple[str, str]]
    follow_ups: Sequence[OpenFollowUp] | None
    dossier: str | None
    merge: LatestMerge | None


def overview_of(row: Customer) -> Overview:
    """The overview of *row*, read once in a request by one statement."""
    known: dict[int, Overview] = g.setdefault("customer_overviews", {})
    if row.id not in known:
        known[row.id] = _read_overview(row)
    return known[row.id]


def _read_overview(row: Customer) -> Overview:
    figures, section = _figures(row), permitted_section("follow-ups", "can_list")
    first = [_dossier_name(row), *_latest_merge(row)]
    numbers = select(*first, *(each.statement.scalar_subquery() for each in figures)).subquery()
    statement = select(numbers)
    if section is not None:
        work = _work(section.statement(), row)
        statement = select(numbers, work).select_from(numbers.outerjoin(work, true()))
    # A product that is deleted is still the product of its follow-ups.
    rows = db.session.execute(statement, execution_options={"with_deleted": True}).all()
    start, split = len(first), len(first) + len(figures)
    shown = [
        (each.show(value), each.label) for each, value in zip(figures, rows[0][start:split], strict=True)
    ]
    open_ones = [OpenFollowUp(*each[split:]) for each in rows if section is not None and each[split]]
    dossier, *merge = rows[0][:start]
    return Overview(
        shown,
        open_ones if section is not None else None,
        dossier,
        LatestMerge(*merge) if merge[0] is not None else None,
    )


def _dossier_name(row: Customer) -> ColumnElement[Any]:
    """The name of the dossier that the customer belongs to; NULL for one that is deleted or out of sight."""
    section = permitted_section("dossiers", "can_show")
    if section is None or row.dossier_id is None:
        return null()
    mine = section.statement().where(Dossier.id == row.dossier_id, Dossier.deleted_at.is_(None))
    return mine.with_only_columns(Dossier.legal_name).scalar_subquery()


def _latest_merge(row: Customer) -> list[ColumnElement[Any]]:
    """The columns of `LatestMerge`; NULL for members who may not merge."""
    columns = (CustomerMerge.id, CustomerMerge.absorbed, CustomerMerge.created_at)
    if permitted_section("customers", "can_merge") is None:
        return [null().label(each.key) for each in columns]
    found = undoable_merges(row.id).limit(1)
    return [found.with_only_columns(each).scalar_subquery().label(each.key) for each in columns]


def _figures(row: Customer) -> list[_Figure]:
    found = []
    if (orders := permitted_section("orders", "can_list")) is not None:
        mine = orders.statement().where(Order.customer_id == row.id, Order.deleted_at.is_(None))
        found.append(_Figure(mine.with_only_columns(func.count(Order.id)), _("orders"), group_number))
    if (sales := permitted_section("sales", "can_list")) is not None:
        mine = sales.statement().where(Sale.customer_id == row.id, Sale.deleted_at.is_(None))
        bought = mine.where(Sale.status.in_(STANDING))
        total = bought.with_only_columns(func.coalesce(func.sum(Sale.amount), 0))
        unit = currency_unit(currency())
        found.append(_Figure(total, _("bought, %(unit)s", unit=unit), _amount))
        balance = bought.with_only_columns(func.coalesce(func.sum(Sale.balance), 0))
        found.append(_Figure(balance, _("balance, %(unit)s", unit=unit), _amount))
    return found


def _amount(rials: int) -> str:
    return format_amount(rials, currency())


def _work(statement: Select[Any], row: Customer) -> Subquery:
    """The open follow-ups of *row*, the earliest next contact first."""
    return (
        statement.where(FollowUp.customer_id == row.id, FollowUp.not_closed(), FollowUp.deleted_at.is_(None))
        .join(FollowUp.product)
        .join(Member, Member.id == FollowUp.consultant_id)
        .outerjoin(FollowUp.last_result)
        .with_only_columns(
            FollowUp.id,
            FollowUp.next_at,
            Product.title,
            ResultTitle.colour,
            Member.first_name,
            Member.last_name,
        )
        .order_by(FollowUp.next_at.is_(None), FollowUp.next_at, FollowUp.id)
        .limit(MOST_SHOWN + 1)
        .subquery()
    )
