"""Rewrites stored texts that have the Arabic letters ي and ك, as they would be written today.

Forms, imports and REST store the Persian letters; rows from before have the letters as they were typed. A row that is
right is not touched, so that the rewriting can be stopped, and repeated, at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import click
from flask_appbuilder import Model
from sqlalchemy import Row as ResultRow
from sqlalchemy import inspect, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapper

from app.extensions import db
from app.lib.persian import group_number, persian_letters
from models.base import Searchable
from models.filter_keys import is_folded, key_name
from models.tenancy.row_security import lift_policies
from models.text_rules import TextRule, rule_of

BATCH = 1_000
_ARABIC = ("ي", "ك")
# What was sent stays as it was sent, and events cannot be changed.
_LEFT_OUT = frozenset({"sms_messages", "sms_attempts", "audit_events"})
# Names without a rule of their own: the role of an extra role has its title.
_ALSO = {"ab_role": ("name",)}


@click.command("persian-letters")
def persian_letters_command() -> None:
    """Rewrite stored texts with the Arabic letters ي and ك; safe to stop and to repeat."""
    rewrite_letters()


def rewrite_letters() -> None:
    """Rewrite all tables and print the numbers of rows."""
    done = write_persian_letters()
    if done.changed:
        click.echo(f"حروف عربی {group_number(done.changed)} ردیف به فارسی برگشت.")
    if done.left:
        click.echo(f"{group_number(done.left)} ردیف ماند، چون ردیف دیگری همین نام را دارد.", err=True)


class Rewritten(NamedTuple):
    """The numbers of rows that were rewritten, and of those left because another row has the same name already."""

    changed: int
    left: int


def write_persian_letters(batch: int = BATCH) -> Rewritten:
    """Rewrite the rows of all tables and organisations, and commit after each *batch*."""
    changed = left = 0
    migrated = _migrated()
    for mapper in sorted(Model.registry.mappers, key=lambda each: str(each.local_table)):
        is_ours = mapper.class_.__module__.startswith("models.") and mapper.local_table in migrated
        names = _names(mapper) if is_ours else ()
        for row in _rows(mapper, names, batch) if names else ():
            if _write(mapper, names, row):
                changed += 1
            else:
                left += 1
    return Rewritten(changed, left)


def _migrated() -> set[Any]:
    """The tables that the database has with all their columns."""
    # A new model is declared before its migration is generated, which needs a database at the newest migration.
    stored = {
        name: columns for (_, name), columns in inspect(db.session.connection()).get_multi_columns().items()
    }
    names = {table: {column["name"] for column in columns} for table, columns in stored.items()}
    tables = Model.metadata.tables.values()
    return {table for table in tables if names.get(table.name, set()).issuperset(table.columns.keys())}


def _names(mapper: Mapper[Any]) -> Sequence[str]:
    """The columns of the table that people read."""
    table: Any = mapper.local_table
    if table.name in _LEFT_OUT:
        return ()
    rules = {column.name: rule_of(mapper.class_, column) for column in table.columns}
    own = [name for name, rule in rules.items() if rule not in {None, TextRule.VERBATIM}]
    return [*own, *_ALSO.get(table.name, ())]


def _of_keys(mapper: Mapper[Any]) -> Sequence[str]:
    """The columns of which the search key of a row is made; that of a customer has the number too."""
    table: Any = mapper.local_table
    is_searchable = issubclass(mapper.class_, Searchable)
    parts = (*mapper.class_.__search__, "mobile") if is_searchable else ()
    return [name for name in dict.fromkeys(parts) if name in table.c]


def _rows(mapper: Mapper[Any], names: Sequence[str], batch: int) -> Iterator[ResultRow[Any]]:
    """The rows with one of the letters, locked; each batch is a transaction."""
    table: Any = mapper.local_table
    has_letters = or_(*(table.c[name].contains(letter) for name in names for letter in _ARABIC))
    read = [table.c.id, *(table.c[name] for name in names)]
    read += [table.c[name] for name in _of_keys(mapper) if name not in names]
    statement = select(*read).where(has_letters).order_by(table.c.id).limit(batch).with_for_update()
    last = 0
    while True:
        connection = db.session.connection()
        lift_policies(connection)
        rows = connection.execute(statement.where(table.c.id > last)).all()
        yield from rows
        db.session.commit()
        if len(rows) < batch:
            return
        last = rows[-1].id


def _write(mapper: Mapper[Any], names: Sequence[str], row: ResultRow[Any]) -> bool:
    """Store the texts of the row with their keys; False when a unique index refuses them."""
    table: Any = mapper.local_table
    # No member has edited the row, so the time of its last change stays.
    times = {each.name: each for each in table.columns if each.onupdate is not None}
    values = times | _values_of(mapper, names, row)
    connection = db.session.connection()
    try:
        with connection.begin_nested():
            connection.execute(update(table).where(table.c.id == row.id).values(values))
    except IntegrityError:
        return False
    return True


def _values_of(mapper: Mapper[Any], names: Sequence[str], row: ResultRow[Any]) -> dict[str, Any]:
    """The texts and keys that a new row with the texts of *row* would have."""
    table: Any = mapper.local_table
    texts = {name: getattr(row, name) for name in row._fields if name != "id"}
    fresh = mapper.class_(**{name: text and persian_letters(text) for name, text in texts.items()})
    values = {name: getattr(fresh, name) for name in names}
    values |= {key_name(name): getattr(fresh, key_name(name)) for name in names if is_folded(table.c[name])}
    return values | fresh.search_keys() if isinstance(fresh, Searchable) else values
