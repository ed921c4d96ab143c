"""The check of names in a declaration: each exists in the model and suits its word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import String, inspect
from sqlalchemy.types import TypeEngine

from app.panel.check.paths import Missing, PathKind, names_of, resolve
from app.panel.check.problems import DeclarationProblem, listed, nearest
from app.panel.columns import Kind, describe, kind_of
from app.panel.declaration import Declaration
from app.panel.displays import Computed
from app.panel.forms.builder import field_of
from app.panel.queries.cursor import is_sortable

# The table settings offer these columns in all sections, so they may have labels even if no word names them.
_TIMESTAMPS = frozenset({"created_at", "updated_at"})
_WORDS_WITH_LABELS = (
    "columns", "optional_columns", "details", "filters", "form", "edit_fields", "read_only", "inline",
    "bulk_edit", "extra_fields", "extra_edit_fields",
)  # fmt: skip


def words_of(section: Declaration, *words: str) -> set[str]:
    """All names in these *words* of the declaration."""
    return {name for word in words for name in listed(section, word)}


def problems_of_names(section: Declaration) -> Iterator[DeclarationProblem]:
    """The names that do not exist or do not suit their word."""
    where = type(section).__name__
    for word, check in _CHECKS.items():
        for name in listed(section, word):
            found = check(section, name)
            if found is not None:
                yield DeclarationProblem(where, word, name, found.reason, found.nearest)
    yield from _orders(section)
    yield from _labels(section)


def _shown(section: Declaration, name: str) -> Missing | None:
    """The name of a column that lists show: an attribute, or the path of a `Computed` display."""
    if isinstance(section.displays.get(name), Computed) and "." not in name:
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


def _sorting(section: Declaration, name: str) -> Missing | None:
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
    return None if name in section.extra_fields else _made_of_column(section, name)


def _edit_field(section: Declaration, name: str) -> Missing | None:
    return None if name in section.extra_edit_fields else _made_of_column(section, name)


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
    if hasattr(model, "search_key") or hasattr(model, "matching"):
        return None
    return Missing(f"has nothing to search in: {model.__name__} is not `Searchable`")


_Check = Callable[[Declaration, str], Missing | None]
_CHECKS: dict[str, _Check] = {
    "columns": _shown,
    "optional_columns": _offered,
    "details": _shown,
    "read_only": _shown,
    "preload": _loaded,
    "filters": _filter,
    "sortable": _sorting,
    "search": _searched,
    "form": _field,
    "edit_fields": _edit_field,
    "inline": _edit_field,
    "bulk_edit": _made_of_column,
    "lookups": _lookup,
    "appears_on": _own_relation,
}


def _orders(section: Declaration) -> Iterator[DeclarationProblem]:
    """The problems in the orders of the list and its tabs."""
    where = type(section).__name__
    declared: Sequence[tuple[str, str]] = [
        ("sort", section.sort),
        *(
            (f"tabs[{tab.key!r}].sort", tab.sort)
            for tab in listed(section, "tabs")
            if getattr(tab, "sort", None)
        ),
    ]
    for word, name in declared:
        found = _sorting(section, name.removeprefix("-"))
        if found is not None:
            yield DeclarationProblem(where, word, name, found.reason, found.nearest)


def _labels(section: Declaration) -> Iterator[DeclarationProblem]:
    """The labels of names that the declaration does not use."""
    used = words_of(section, *_WORDS_WITH_LABELS) | _TIMESTAMPS
    for name in listed(section, "labels"):
        if name not in used:
            reason = "is a label of nothing that the declaration names"
            yield DeclarationProblem(type(section).__name__, "labels", name, reason, nearest(name, used))
