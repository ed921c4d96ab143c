"""The rows behind the figures of the final sales report, by the statements that count these figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Select, func, select

from app.extensions import db
from app.services.report.cells import read_cell
from app.services.report.numbers import own_member_id
from app.services.report.question import Group, Question
from app.services.report.statements import counted_sales, held_orders, pairs
from models.assignment import Assignment
from models.sale import SaleStatus
from models.tenancy.scope import whole_organization


class Figure(Enum):
    """What a figure counts; those of sales are also behind amounts."""

    NUMBERS = "numbers"
    CUSTOMERS = "customers"
    HELD = "held"
    SALES = "sales"
    REFUNDED = "refunded"


# The axes of the names of cells, besides a group: «figure-sales.week-2», «figure-sales.each-week» for the sum of the
# weeks, «figure-numbers.distinct-customers».
FIGURE, EACH, DISTINCT = "figure", "each", "distinct"
# The key of the row without a consultant, product or source.
NONE = "none"
_AXES = (FIGURE, EACH, DISTINCT, *(each.value for each in Group))
# As many digits always fit into a BIGINT.
_MOST_DIGITS = 18
# More than the periods of a range.
_MOST_PLACES = 1_000


@dataclass(frozen=True)
class Cell:
    """A figure of the row *key* of a table, of the sum of its rows, or of the whole (no group)."""

    figure: Figure
    group: Group | None = None
    key: int | None = None
    is_sum: bool = False


@dataclass(frozen=True)
class Found:
    """A row behind a figure: its id, and the key of the row of the table that counts it."""

    id: int
    key: int | None


def cell_of(name: str, question: Question) -> Cell | None:
    """The cell called *name*; None for a name that is none."""
    conditions = read_cell(name, _AXES) or {}
    figure = next((each for each in Figure if each.value == conditions.get(FIGURE)), None)
    others = [(axis, value) for axis, value in conditions.items() if axis != FIGURE]
    if figure is None or len(others) > 1:
        return None
    if not others:
        return Cell(figure)
    [(axis, value)] = others
    if axis == DISTINCT:
        is_known = (figure, value) == (Figure.NUMBERS, Figure.CUSTOMERS.value)
        return Cell(Figure.CUSTOMERS) if is_known else None
    if axis == EACH:
        group = next((each for each in Group if each.value == value), None)
        return None if group is None else Cell(figure, group, is_sum=True)
    return _cell_of_row(figure, Group(axis), value, question)


def _cell_of_row(figure: Figure, group: Group, value: str, question: Question) -> Cell | None:
    if value == NONE:
        return Cell(figure, group) if group.grain is None else None
    if not (value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS):
        return None
    key = int(value)
    if group.grain is not None and key >= len(question.periods(group.grain)):
        return None
    return Cell(figure, group, key)


def rows_of_cell(
    question: Question, cell: Cell, after: int | None = None, most: int | None = None
) -> dict[int, Found]:
    """The rows of *cell* that the acting member may see, by the key of their line, the largest first.

    At most so many, with keys below *after*.
    """
    rows = _rows(question, cell).subquery()
    statement = select(rows.c.line, rows.c.id, rows.c.key).order_by(rows.c.line.desc())
    if after is not None:
        statement = statement.where(rows.c.line < after)
    found = _read(statement if most is None else statement.limit(most))
    return {line: Found(row_id, key) for line, row_id, key in found}


def count_of_cell(question: Question, cell: Cell) -> int:
    """The number of the rows of *cell*."""
    [(count,)] = _read(select(func.count()).select_from(_rows(question, cell).subquery()))
    return int(count)


def _read(statement: Select[Any]) -> Sequence[Any]:
    # As the figures: the ledger says whose a line is, and deleted orders were assigned as well.
    with whole_organization(db.session()):
        return db.session.execute(statement, execution_options={"with_deleted": True}).all()


def _rows(question: Question, cell: Cell) -> Select[Any]:
    """(key of the line, id, key of the row of the table) of each row of *cell*."""
    each = _STATEMENTS[cell.figure](question, cell.group, own_member_id()).subquery()
    is_period = cell.is_sum and cell.group is not None and cell.group.grain is not None
    # A sale of the assigned numbers stands once in each of its periods.
    line = each.c.id * _MOST_PLACES + each.c.key if is_period else each.c.id
    statement = select(line.label("line"), each.c.id, each.c.key)
    if cell.group is not None and not cell.is_sum:
        statement = statement.where(each.c.key.is_not_distinct_from(cell.key))
    return statement


def _numbers(question: Question, group: Group | None, member_id: int | None) -> Select[Any]:
    """(key, first line of the ledger) of each number."""
    each = pairs(question, group, member_id).add_columns(Assignment.id.label("line")).subquery()
    first = func.min(each.c.line).label("id")
    return select(each.c.key, first).group_by(each.c.key, each.c.member, each.c.customer)


def _customers(question: Question, group: Group | None, member_id: int | None) -> Select[Any]:
    """(key, first line of the ledger) of each customer."""
    each = pairs(question, group, member_id).add_columns(Assignment.id.label("line")).subquery()
    return select(each.c.key, func.min(each.c.line).label("id")).group_by(each.c.key, each.c.customer)


def _refunded(question: Question, group: Group | None, member_id: int | None) -> Select[Any]:
    each = counted_sales(question, group, member_id).subquery()
    return select(each.c.key, each.c.id).where(each.c.status == SaleStatus.REFUNDED)


_STATEMENTS: dict[Figure, Callable[[Question, Group | None, int | None], Select[Any]]] = {
    Figure.NUMBERS: _numbers,
    Figure.CUSTOMERS: _customers,
    Figure.HELD: held_orders,
    Figure.SALES: counted_sales,
    Figure.REFUNDED: _refunded,
}
