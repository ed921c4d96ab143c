"""The figures of a report, read with one statement for all its tables."""

from __future__ import annotations

from collections.abc import Sequence

from app.extensions import db
from app.services.assignment.ledger import settle
from app.services.report.question import Figures, Group, Question, Table
from app.services.report.shape import shape_of, values_of
from app.services.report.statements import statement_of
from models.tenancy.scope import actor_of, whole_organization

_NUMBERS, _HELD = range(2)


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
    asked: tuple[Group | None, ...] = (
        None,
        *(each for each in groups if each is not Group.CONSULTANT or not one),
    )
    statement = statement_of(shape_of(question, asked, member_id))
    values = values_of(question, asked, member_id, actor.organization_id)
    # The ledger says whose a line is; a present owner would change the past. Deleted orders were assigned as well.
    with whole_organization(session):
        rows = session.execute(statement, values, execution_options={"with_deleted": True}).all()
    tables = [Table() for _group in asked]
    for key, count, second, amount, place, kind in rows:
        row = tables[place].rows.setdefault(key, Figures())
        if kind == _NUMBERS:
            row.numbers, row.customers = count, second
        elif kind == _HELD:
            row.held = count
        else:
            row.sales, row.refunded, row.amount = count, int(second), int(amount)
    total = tables[0].rows.get(0)
    read = dict(zip(asked, tables, strict=True))
    alone = Table({} if total is None else {one: total})
    return total or Figures(), [read.get(each, alone) for each in groups]
