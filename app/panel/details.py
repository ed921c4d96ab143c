"""The values on a row's page, and which they are where its section declares no `details`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import inspect
from wtforms import PasswordField

from app.panel.actor import currency
from app.panel.columns import Column
from app.panel.displays.owners import hidden_names, load_owners
from app.panel.formatting import label_of
from app.panel.view_models import Fact


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
    lines = section.lines.relation if section.lines else None
    secret = {name for name, field in extra.items() if issubclass(field.field_class, PasswordField)}
    names = (*section.form, *(section.edit_fields or ()), *extra)
    return [
        name
        for name in names
        if name not in secret
        and name != lines
        and (name in mapper.column_attrs or name in mapper.relationships)
    ]


def _identity(section: Any, column: Column) -> Any:
    """Equal for a relation and the key that it goes over, which say the same."""
    if column.attribute is None or "." in column.path:
        return column.path
    if column.target is not None:
        local = inspect(section.model).relationships[column.path].local_columns
        return frozenset(each.key for each in local)
    return frozenset(each.key for each in column.attribute.property.columns)


def facts_of(section: Any, columns: Iterable[Column], row: Any, *, brief: bool = False) -> list[Fact]:
    """The values of *columns* that the member may see, with their labels; *brief* ones as a list shows them."""
    unit, hidden = currency(), hidden_names(section)
    columns = [column for column in columns if column.path not in hidden]
    load_owners(section, [row], columns)
    facts = []
    for column in columns:
        display = section.displays.get(column.path)
        if display is not None and not brief:
            shown = display.fact(column, row, unit)
        else:
            shown = section.cell_of(column, row, unit)
        label = label_of(column, unit)
        facts.append(Fact(label, shown.kind, shown.text, shown.colour, shown.href, shown.hint, shown.moment))
    return facts
