"""Refusals of rows that have the key of another row."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from flask_appbuilder import Model
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import DomainError
from app.extensions import db
from models.base import Row

TAKEN = _("Another row has this value already.")
# Of a row that the member may not see, no more is said.
NUMBER_TAKEN = _("This number is registered already.")


def refuse_taken(model: type[Model], item: Row, names: Sequence[str]) -> None:
    """Raise `DomainError` when another row has the same values in a unique index of the model."""
    for index in model.__table__.indexes:
        columns = [column.name for column in index.columns if column.name != "organization_id"]
        shown = next((name for name in names if name in columns), None)
        # NULL is not equal to NULL; a new row has the values of its relations only.
        if not index.unique or shown is None or getattr(item, shown) is None:
            continue
        wanted = [getattr(model, name) == getattr(item, name) for name in columns]
        with db.session.no_autoflush:
            statement = select(model.id).where(*wanted, model.id != (item.id or 0)).limit(1)
            if db.session.scalar(statement) is not None:
                raise DomainError(_taken(shown), field=shown)


def taken_by_race(error: IntegrityError, names: Sequence[str]) -> DomainError:
    """The refusal for a unique violation; raises any other *error* again."""
    # `refuse_taken` does not see a row that another transaction has not committed yet.
    if not is_unique_violation(error):
        raise error
    columns = _key_columns(error)
    shown = next((name for name in names if {name, f"{name}_id"} & set(columns)), None)
    return DomainError(_taken(shown), field=shown)


def _taken(name: str | None) -> LazyString:
    return NUMBER_TAKEN if name == "mobile" else TAKEN


def _key_columns(error: IntegrityError) -> Collection[str]:
    """The columns of the violated key, from its name or from the text of the error."""
    # With row security PostgreSQL reports the key's name alone.
    key = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    for table in Model.metadata.tables.values():
        for each in (*table.indexes, *table.constraints):
            if key is not None and each.name == key:
                return [column.name for column in each.columns]
    match = re.search(r"Key \((.*?)\)=|UNIQUE constraint failed: (.*)", str(error.orig))
    return re.findall(r"\w+", match[1] or match[2]) if match else []


def is_unique_violation(error: IntegrityError) -> bool:
    """Whether the database refused a second row with the same key."""
    return getattr(error.orig, "sqlstate", "") == "23505" or "UNIQUE" in str(error.orig)
