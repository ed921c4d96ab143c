"""The rows of lines: they are loaded with their relations, written by the form, and added up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import inspect, select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.lib.money import MOST
from app.panel.columns import Column, Kind, describe
from app.panel.forms.lines.entry import LineEntry
from app.panel.queries.parents import join_parents, named_parents
from app.panel.words import Lines, Total
from models.audit.recorder import record_change

_TOO_LARGE = _("This amount is too large.")


def line_model(model: type[Any], lines: Lines) -> Any:
    """The class of the lines of *model*."""
    return inspect(model).relationships[lines.relation].mapper.class_


def load_lines(model: type[Any], lines: Lines | None, rows: Sequence[Any]) -> None:
    """Load the lines of *rows* with all that they refer to by one statement."""
    if lines is None or not rows:
        return
    relation = inspect(model).relationships[lines.relation]
    child = line_model(model, lines)
    [(_local, remote)] = list(relation.local_remote_pairs or ())
    parent_key = inspect(child).get_property_by_column(remote).key
    relations = [name for name in lines.columns if describe(child, name).kind is Kind.RELATION]
    named = named_parents(child, relations)
    statement = join_parents(select(child).where(remote.in_([row.id for row in rows])), child, named)
    # Of two relations to one table the second has a statement of its own.
    loaded = [selectinload(getattr(child, name)) for name in relations if name not in named]
    statement = statement.options(*loaded).order_by(child.position, child.id)
    by_parent: dict[int, list[Any]] = {row.id: [] for row in rows}
    # A line may refer to a row that was deleted since.
    options = {"populate_existing": True, "with_deleted": True}
    for line in db.session.scalars(statement, execution_options=options):
        by_parent[getattr(line, parent_key)].append(line)
    for row in rows:
        set_committed_value(row, lines.relation, by_parent[row.id])


def write_lines(parent: Any, name: str, lines: Sequence[tuple[LineEntry, Any]]) -> None:
    """Write *lines* into the relation *name* of *parent*, whose version then covers them."""
    before, rows = list(getattr(parent, name)), []
    for at, (entry, row) in enumerate(lines):
        if (entry.key and entry.row is None) or row in rows:
            raise DomainError(_("This line does not exist any more."), field=f"{name}[{at}].id")
        entry.form.populate_obj(row)
        rows.append(row)
    _number(rows)
    if rows != before or any(db.session.is_modified(row) for row in rows):
        for row in set(before) - set(rows):
            # Orphans of a collection would not be seen by the audit trail.
            if inspect(row).persistent:
                db.session.delete(row)
        setattr(parent, name, rows)
        _touch(parent)


def _number(rows: Sequence[Any]) -> None:
    """Give *rows* increasing positions; those that increase already stay, so that few lines change."""
    last = 0
    for row in rows:
        if (row.position or 0) <= last:
            row.position = last + 1
        last = row.position


def _touch(parent: Any) -> None:
    """Make the update of a stored *parent* certain: its version covers the lines, and its event names them."""
    if parent.id is not None:
        parent.updated_at = now()
        record_change(db.session(), "edit", type(parent), parent.id, row=parent)


def add_up(parent: Any, lines: Lines | None) -> None:
    """Compute the amounts of the lines and of *parent*, and refuse those that can't be stored."""
    compute: Callable[[], None] | None = getattr(parent, "total_up", None)
    if lines is None or compute is None:
        return
    compute()
    if lines.amount:
        for at, line in enumerate(getattr(parent, lines.relation)):
            if abs(getattr(line, lines.amount) or 0) > MOST:
                raise DomainError(_TOO_LARGE, field=f"{lines.relation}[{at}].{lines.columns[-1]}")
    if any(abs(getattr(parent, total.name) or 0) > MOST for total in lines.totals):
        raise DomainError(_TOO_LARGE, field=lines.relation)


@cache
def line_columns(model: Any, lines: Lines) -> Sequence[Column]:
    """The columns of a line as they are shown: those that are typed, then the amount."""
    child = line_model(model, lines)
    return [describe(child, name) for name in (*lines.columns, *([lines.amount] if lines.amount else []))]


@cache
def amount_column(model: Any, lines: Lines) -> Column | None:
    """The column of a line that the server computes."""
    return describe(line_model(model, lines), lines.amount) if lines.amount else None


@cache
def total_columns(model: Any, lines: Lines) -> Sequence[tuple[Total, Column]]:
    """Each total with its column; that of a property has the kind of the lines' amounts."""
    amount = amount_column(model, lines)
    found = []
    for total in lines.totals:
        column = describe(model, total.name, labels={total.name: total.label} if total.label else None)
        if column.attribute is None and amount is not None:
            column = replace(amount, path=total.name, label=total.label or total.name)
        found.append((total, column))
    return found
