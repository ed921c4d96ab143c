"""The names of consultants, products and sources, for the rows and the filters of reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, String, and_, bindparam, case, cast, literal_column, select, union_all

from app.extensions import db
from app.services.assignment.round_robin import takes_turns
from app.services.report.question import Group
from models.member import Member
from models.order_source import OrderSource
from models.product import Product
from models.tenancy.scope import actor_of

_GROUPS = (Group.CONSULTANT, Group.PRODUCT, Group.SOURCE)


@dataclass
class Names:
    """Names by id for each group; `offered` are those that a filter offers, in the order of their names.

    A group without a filter is not among `offered`.
    """

    known: dict[Group, dict[int, str]] = field(default_factory=lambda: {each: {} for each in _GROUPS})
    offered: dict[Group, list[tuple[int, str]]] = field(
        default_factory=lambda: {each: [] for each in _GROUPS}
    )

    def options(self, group: Group) -> Sequence[tuple[int, str]] | None:
        return self.offered.get(group)


def read_names() -> Names:
    """All names of the organisation with one statement; those of deleted and former ones are known, not offered.

    A member who sees their own rows gets no other member's name.
    """
    actor = actor_of(db.session())
    names = Names()
    if actor.own:
        del names.offered[Group.CONSULTANT]
    values = {"here": actor.organization_id, "me": actor.member_id}
    statement = _names(own=actor.own)
    rows = db.session.execute(statement, values, execution_options={"with_deleted": True}).all()
    for place, key, first, last, is_offered in sorted(rows, key=lambda row: (row[0], f"{row[2]} {row[3]}")):
        group, name = _GROUPS[place], f"{first} {last}".strip()
        names.known[group][key] = name
        if is_offered and group in names.offered:
            names.offered[group].append((key, name))
    return names


# Built once: the scope and the compiler cache their work for a statement that they have seen.
@cache
def _names(*, own: bool) -> Any:
    return union_all(*(_named(place, group, own=own) for place, group in enumerate(_GROUPS)))


def _named(place: int, group: Group, *, own: bool) -> Any:
    number: Any = literal_column(str(place))
    nothing: Any = literal_column("''", String)
    if group is Group.CONSULTANT:
        condition, title = and_(Member.active.is_(True), takes_turns()), Member.first_name
        row = select(number, cast(Member.id, BigInteger), title, Member.last_name, _is(condition))
        row = row.where(Member.organization_id == bindparam("here", type_=BigInteger()))
        return row.where(Member.id == bindparam("me", type_=BigInteger())) if own else row
    model: Any = Product if group is Group.PRODUCT else OrderSource
    condition = model.deleted_at.is_(None)
    if group is Group.PRODUCT:
        condition = and_(condition, Product.is_active.is_(True))
    return select(number, model.id, model.title, nothing, _is(condition))


def _is(condition: Any) -> Any:
    return case((condition, literal_column("1")), else_=literal_column("0"))
