"""The check of one name in a declaration by the word that has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import String, inspect
from sqlalchemy.types import TypeEngine

from app.panel.check.paths import Missing, PathKind, names_of, resolve
from app.panel.check.problems import nearest
from app.panel.columns import Kind, describe, kind_of
from app.panel.declaration import Declaration
from app.panel.displays import Computed
from app.panel.displays.owners import OWNERS, Owners
from app.panel.forms.builder import field_of
from app.panel.queries.cursor_values import is_sortable


def shown_name(section: Declaration, name: str) -> Missing | None:
    """The name of a column that lists show: an attribute, or the path of a `Computed` display."""
    if isinstance(section.displays.get(name), Computed | Owners) and "." not in name:
        return None
    found = resolve(section.model, name)
    return found if isinstance(found, Missing) else None


def _offered(section: Declaration, name: str) -> Missing | None:
    """The name of a column that the table settings offer: a column or relation."""
    found = resolve(section.model, name)
    if isinstance(found, Missing):
        return found
    if found.kind is PathKind.PROPERTY:
        return Missing("is a property; the table settings offer columns and relations only")
    return None


def _loaded(section: Declaration, name: str) -> Missing | None:
    found = resolve(section.model, name)
    return found if isinstance(found, Missing) else None


def _filter(section: Declaration, name: str) -> Missing | None:
    if name == OWNERS and section.owners is not None:
        return None
    found = resolve(section.model, name)
    if isinstance(found, Missing):
        return found
    if found.kind is PathKind.PROPERTY:
        return Missing("is a property; the database filters by columns and relations only")
    if found.kind is PathKind.COLUMN and not _can_filter(found.column_type):
        return Missing(f"has the type {found.column_type!r}, which no filter reads")
    return None


def _can_filter(column_type: TypeEngine[Any]) -> bool:
    is_text = isinstance(column_type, String) or isinstance(getattr(column_type, "impl", None), String)
    return is_text or kind_of(column_type) is not Kind.TEXT


def sorting_name(section: Declaration, name: str) -> Missing | None:
    """The name of a column that rows are ordered by: of their own table, with values that fit into an address."""
    found = resolve(section.model, name)
    if isinstance(found, Missing):
        return found
    own = {column.key for column in inspect(section.model).column_attrs}
    if found.kind is not PathKind.COLUMN or not found.is_own:
        kind = found.kind.value if found.is_own else f"{found.kind.value} of another table"
        return Missing(f"is a {kind}; rows are ordered by their own columns", nearest(name, own))
    if not is_sortable(found.prop.class_attribute):
        return Missing(f"has the type {found.column_type!r}, which no list can be ordered by")
    return None


def _field(section: Declaration, name: str) -> Missing | None:
    """The name of a form field: an extra field, or a column."""
    return None if name in {*section.extra_fields, *_lines(section)} else _made_of_column(section, name)


def _edit_field(section: Declaration, name: str) -> Missing | None:
    return None if name in {*section.extra_edit_fields, *_lines(section)} else _made_of_column(section, name)


def _lines(section: Declaration) -> Sequence[str]:
    """The field of the section's lines."""
    return (section.lines.relation,) if section.lines else ()


def _made_of_column(section: Declaration, name: str) -> Missing | None:
    found = resolve(section.model, name)
    if isinstance(found, Missing):
        return found
    if not found.is_own:
        return Missing(
            "belongs to another table; a form edits its own row", nearest(name, names_of(section.model))
        )
    if found.kind is PathKind.PROPERTY:
        columns = {column.key for column in inspect(section.model).column_attrs}
        return Missing("is a property; a form edits columns", nearest(name, columns))
    try:
        field_of(describe(section.model, name), lookup_url="")
    except TypeError as error:
        return Missing(f"has no form field: {error}")
    return None


def _parents_field(section: Declaration, name: str) -> Missing | None:
    """The name of a form field of a parent: a relation and one of its columns or relations."""
    found = resolve(section.model, name)
    if isinstance(found, Missing):
        return found
    if name.count(".") != 1 or found.kind is PathKind.PROPERTY:
        return Missing("is no column of a parent; write «relation.column»")
    return None


def _lookup(section: Declaration, name: str) -> Missing | None:
    found = resolve(section.model, name)
    if isinstance(found, Missing):
        return found
    if found.kind is not PathKind.RELATION:
        return Missing("is no relation", nearest(name, names_of(section.model, relations_only=True)))
    return None


def _own_relation(section: Declaration, name: str) -> Missing | None:
    relations = names_of(section.model, relations_only=True)
    if name in relations:
        return None
    return Missing(f"is no relation of {section.model.__name__} to one row", nearest(name, relations))


def _searched(section: Declaration, name: str) -> Missing | None:
    """The name of a place to search: «self» or a relation, to a model with a search key."""
    model = section.model
    if name != "self":
        missing = _own_relation(section, name)
        if missing is not None:
            return Missing(missing.reason, nearest(name, {"self", *names_of(model, relations_only=True)}))
        model = inspect(model).relationships[name].mapper.class_
    if any(hasattr(model, word) for word in ("search_key", "matching", "__found_by__")):
        return None
    return Missing(f"has nothing to search in: {model.__name__} is not `Searchable`")


_Check = Callable[[Declaration, str], Missing | None]
CHECKS: dict[str, _Check] = {
    "columns": shown_name,
    "optional_columns": _offered,
    "details": shown_name,
    "headline": shown_name,
    "read_only": shown_name,
    "preload": _loaded,
    "filters": _filter,
    "sortable": sorting_name,
    "search": _searched,
    "form": _field,
    "edit_fields": _edit_field,
    "inline": _edit_field,
    "bulk_edit": _made_of_column,
    "related_fields": _parents_field,
    "lookups": _lookup,
    "appears_on": _own_relation,
}
