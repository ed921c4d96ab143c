"""The figures of a report, read with one statement for all its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.extensions import db
from app.services.assignment.ledger import settle
from app.services.report.question import Figures, Group, Question, Table
from app.services.report.shape import shape_of, values_of
from app.services.report.statements import ADDS_UP, Kind, statement_of
from app.services.report.summary import is_of_one
from models.tenancy.scope import actor_of, whole_organization


def tables_of(question: Question, groups: Sequence[Group]) -> tuple[Figures, list[Table]]:
    """The total of *question*, and a table for each of *groups*.

    A member who sees their own rows gets their own figures.
    """
    session = db.session()
    settle()
    actor = actor_of(session)
    member_id = actor.member_id if actor.own else None
    # The row of a single consultant is the total.
    one = question.consultant_id or member_id
    tables: dict[Group | None, Table] = {
        group: Table() for group in (None, *groups) if group is not Group.CONSULTANT or not one
    }
    shape = shape_of(question, tuple(tables), member_id)
    has_sets = session.connection().dialect.name == "postgresql"
    statement = statement_of(shape, has_sets=has_sets)
    values = values_of(question, shape.groups, member_id, actor.organization_id)
    # The ledger says whose a line is; a present owner would change the past. Deleted orders were assigned as well.
    with whole_organization(session):
        rows = session.execute(statement, values, execution_options={"with_deleted": True}).all()
    adding: dict[int, int] = {}  # by kind the place of the group whose rows make the total
    for place, key, kind, *counts in rows:
        group = shape.groups[place]
        # A line that is not taken off in its period.
        if key is None and group is not None and group.grain is not None:
            continue
        is_one = is_of_one(question, group, member_id)
        _add(tables[group].rows.setdefault(key, Figures()), kind, counts, is_one=is_one)
        if group is not None and kind in ADDS_UP and adding.setdefault(kind, place) == place:
            _add(tables[None].rows.setdefault(0, Figures()), kind, counts, is_one=bool(one))
    for table in tables.values():
        # An act that was undone leaves a day whose lines add up to nothing.
        table.rows = {key: row for key, row in table.rows.items() if row != Figures()}
    total = tables[None].rows.get(0)
    alone = Table({} if total is None else {one: total})
    return total or Figures(), [tables.get(each, alone) for each in groups]


def _add(row: Figures, kind: int, counts: Sequence[Any], *, is_one: bool) -> None:
    """Add a row of the statement to *row*; the customers of one consultant are their numbers."""
    count, second, amount = map(int, counts)
    if kind in {Kind.LINES, Kind.NUMBERS}:
        row.numbers += count
        row.customers += count if is_one else second
    elif kind == Kind.HELD:
        row.held += count
    else:
        row.sales, row.refunded, row.amount = row.sales + count, row.refunded + second, row.amount + amount
