"""What a row's page lists where its section declares no `details`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import inspect
from wtforms import PasswordField

from app.panel.columns import Column


def described_details(section: Any) -> list[Column]:
    """The columns of a row's page: the declared `details`, else `columns` and the fields of both forms, each once."""
    if section.details:
        return [section.describe(path) for path in section.details]
    described: dict[Any, Column] = {}
    for path in (*section.columns, *_stored_fields(section)):
        column = section.describe(path)
        described.setdefault(_identity(section, column), column)
    return list(described.values())


def _stored_fields(section: Any) -> Iterable[str]:
    """The names in the section's forms whose value stands in the row and may be shown."""
    mapper = inspect(section.model)
    extra = {**section.extra_fields, **section.extra_edit_fields}
    secret = {name for name, field in extra.items() if issubclass(field.field_class, PasswordField)}
    names = (*section.form, *(section.edit_fields or ()), *extra)
    return [
        name
        for name in names
        if name not in secret and (name in mapper.column_attrs or name in mapper.relationships)
    ]


def _identity(section: Any, column: Column) -> Any:
    """Equal for a relation and the key that it goes over, which say the same."""
    if column.attribute is None or "." in column.path:
        return column.path
    if column.target is not None:
        local = inspect(section.model).relationships[column.path].local_columns
        return frozenset(each.key for each in local)
    return frozenset(each.key for each in column.attribute.property.columns)
