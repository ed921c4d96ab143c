"""The rows behind the figures of the final sales report: numbers, held repeats or sales."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lib.jalali import format_datetime
from app.lib.money import format_amount
from app.lib.persian import persian_digits
from app.panel.actor import currency
from app.panel.formatting import currency_unit
from app.panel.report.parts import Behind, RowLine, Stretch, stretch_of
from app.panel.report.words import Asked
from app.services.report.behind import Cell, Figure, Found, cell_of, count_of_cell, rows_of_cell
from app.services.report.question import Group, Question
from models.assignment import Assignment
from models.order import Order
from models.sale import Sale
from views.report_lines import customer_line, customers_of, name_of, openable, read_rows
from views.reports.final_sales.figures import question_of
from views.reports.final_sales.labels import GROUPS, label_of, named

Lines = Callable[[Sequence[int]], list[RowLine]]

_LABELS: dict[Figure, LazyString] = {
    Figure.NUMBERS: _l("Numbers"),
    Figure.CUSTOMERS: _l("Distinct customers"),
    Figure.HELD: _l("Repeated, held"),
    Figure.SALES: _l("Sales"),
    Figure.REFUNDED: _l("Refunded sales"),
}


def rows_behind(asked: Asked, name: str) -> Behind | None:
    """The rows of the cell *name*; None for a name that is none."""
    question = question_of(asked)
    cell = cell_of(name, question)
    if cell is None:
        return None
    headings, lines_of = _KINDS[cell.figure]
    found: dict[int, Found] = {}

    def rows(after: int | None, most: int) -> Stretch:
        found.update(rows_of_cell(question, cell, after, most + 1))
        return stretch_of(list(found), most)

    group = [str(GROUPS[cell.group])] if cell.is_sum and cell.group else []
    return Behind(
        _in_words(question, cell),
        count_of_cell(question, cell),
        [*headings(), *group],
        rows,
        lambda keys: _lines(question, cell, [found[key] for key in keys], lines_of),
    )


def _in_words(question: Question, cell: Cell) -> str:
    label = str(_LABELS[cell.figure])
    if cell.group is None:
        return label
    row = str(_("Sum of the rows")) if cell.is_sum else label_of(question, cell.group, cell.key)
    return f"{label} · {row}"


def _lines(question: Question, cell: Cell, rows: Sequence[Found], lines_of: Lines) -> list[RowLine]:
    """The lines of *rows*; those of a sum end with the row of the table that counts them."""
    lines = lines_of([each.id for each in rows])
    if not (cell.is_sum and cell.group):
        return lines
    return [
        RowLine([*line.texts, label_of(question, cell.group, row.key)], line.url)
        for line, row in zip(lines, rows, strict=True)
    ]


def _number_lines(keys: Sequence[int]) -> list[RowLine]:
    rows = read_rows(Assignment, keys)
    orders = read_rows(Order, [each.order_id for each in rows.values()])
    customers = customers_of(list(rows.values()))
    return [
        customer_line(
            customers.get(rows[key].customer_id),
            named(Group.CONSULTANT, rows[key].to_member_id),
            named(Group.PRODUCT, orders[rows[key].order_id].product_id),
            _moment(rows[key].started_at),
        )
        for key in keys
    ]


def _held_lines(keys: Sequence[int]) -> list[RowLine]:
    rows = read_rows(Order, keys)
    customers, opened = customers_of(list(rows.values())), openable("orders", Order, keys)
    return [
        RowLine(
            [
                name_of(customers.get(rows[key].customer_id)),
                named(Group.CONSULTANT, rows[key].held_for_id),
                named(Group.PRODUCT, rows[key].product_id),
                _moment(rows[key].held_at),
            ],
            f"/orders/show/{key}" if key in opened else "",
        )
        for key in keys
    ]


def _sale_lines(keys: Sequence[int]) -> list[RowLine]:
    rows, unit = read_rows(Sale, keys), currency()
    orders = read_rows(Order, [each.order_id for each in rows.values()])
    customers, opened = customers_of(list(rows.values())), openable("sales", Sale, keys)
    return [
        RowLine(
            [
                name_of(customers.get(rows[key].customer_id)),
                named(Group.CONSULTANT, rows[key].consultant_id),
                named(Group.PRODUCT, orders[rows[key].order_id].product_id),
                _moment(rows[key].sold_at),
                format_amount(rows[key].amount, unit),
                str(rows[key].status.label),
            ],
            f"/sales/show/{key}" if key in opened else "",
        )
        for key in keys
    ]


def _moment(at: datetime) -> str:
    return persian_digits(format_datetime(at))


def _number_headings() -> list[str]:
    return [_("Customer"), _("Consultant"), _("Product"), _("Assigned at")]


def _held_headings() -> list[str]:
    return [_("Customer"), _("Consultant"), _("Product"), _("Held at")]


def _sale_headings() -> list[str]:
    amount = f"{_('Amount')} ({currency_unit(currency())})"
    return [_("Customer"), _("Consultant"), _("Product"), _("Sold at"), amount, _("Status")]


_KINDS: dict[Figure, tuple[Callable[[], list[str]], Lines]] = {
    Figure.NUMBERS: (_number_headings, _number_lines),
    Figure.CUSTOMERS: (_number_headings, _number_lines),
    Figure.HELD: (_held_headings, _held_lines),
    Figure.SALES: (_sale_headings, _sale_lines),
    Figure.REFUNDED: (_sale_headings, _sale_lines),
}
