"""The words of a declaration that name columns and relations: each name exists and can do what the word asks of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import String, inspect

from app.panel.check.paths import Missing, PathKind, names_of, resolve
from app.panel.check.problems import DeclarationProblem, listed, nearest
from app.panel.columns import Kind, describe, kind_of
from app.panel.displays import Computed
from app.panel.forms.builder import field_of
from app.panel.queries.cursor import has_place_in_address

# The labels of these may be declared whether or not a word names them: the table settings offer them everywhere.
_STAMPS = frozenset({"created_at", "updated_at"})
_NAMING = (
    "columns", "optional_columns", "details", "filters", "form", "edit_fields", "read_only", "inline",
    "bulk_edit", "extra_fields", "extra_edit_fields",
)  # fmt: skip


def words_of(section: Any, *words: str) -> set[str]:
    """All names that these *words* of the declaration name."""
    return {name for word in words for name in listed(section, word)}


def problems_of_names(section: Any) -> Iterator[DeclarationProblem]:
    """Every name of a column, relation or field that leads nowhere, or where its word can not go."""
    where = type(section).__name__
    for word, judge in _JUDGES.items():
        for name in listed(section, word):
            found = judge(section, name)
            if found is not None:
                yield DeclarationProblem(where, word, name, found.reason, found.nearest)
    yield from _orders(section)
    yield from _labels(section)


def _shown(section: Any, name: str) -> Missing | None:
    """A value of a list or a row's page: an attribute, or the text of a `Computed` display."""
    if isinstance(section.displays.get(name), Computed) and "." not in name:
        return None
    found = resolve(section.model, name)
    return found if isinstance(found, Missing) else None


def _offered(section: Any, name: str) -> Missing | None:
    """The table settings offer columns and relations with a label."""
    found = resolve(section.model, name)
    if isinstance(found, Missing):
        return found
    if found.kind is PathKind.PROPERTY:
        return Missing("is a property; the table settings offer columns and relations only")
    return None


def _loaded(section: Any, name: str) -> Missing | None:
    found = resolve(section.model, name)
    return found if isinstance(found, Missing) else None


def _filter(section: Any, name: str) -> Missing | None:
    found = resolve(section.model, name)
    if isinstance(found, Missing):
        return found
    if found.kind is PathKind.PROPERTY:
        return Missing("is a property; the database filters by columns and relations only")
    if found.kind is PathKind.COLUMN and not _can_filter(found.column_type):
        return Missing(f"has the type {found.column_type!r}, which no filter reads")
    return None


def _can_filter(kind: Any) -> bool:
    is_text = isinstance(kind, String) or isinstance(getattr(kind, "impl", None), String)
    return is_text or kind_of(kind) is not Kind.TEXT


def _sorting(section: Any, name: str) -> Missing | None:
    """An order is by one column of the rows' own table, whose values fit into an address."""
    found = resolve(section.model, name)
    if isinstance(found, Missing):
        return found
    own = {column.key for column in inspect(section.model).column_attrs}
    if found.kind is not PathKind.COLUMN or not found.is_own:
        kind = found.kind.value if found.is_own else f"{found.kind.value} of another table"
        return Missing(f"is a {kind}; rows are ordered by their own columns", nearest(name, own))
    if not has_place_in_address(found.prop.class_attribute):
        return Missing(f"has the type {found.column_type!r}, which no list can be ordered by")
    return None


def _field(section: Any, name: str) -> Missing | None:
    """A field that a form makes of a column."""
    return None if name in section.extra_fields else _made_of_column(section, name)


def _edit_field(section: Any, name: str) -> Missing | None:
    return None if name in section.extra_edit_fields else _made_of_column(section, name)


def _made_of_column(section: Any, name: str) -> Missing | None:
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


def _lookup(section: Any, name: str) -> Missing | None:
    found = resolve(section.model, name)
    if isinstance(found, Missing):
        return found
    if found.kind is not PathKind.RELATION:
        return Missing("is no relation", nearest(name, names_of(section.model, relations_only=True)))
    return None


def _own_relation(section: Any, name: str) -> Missing | None:
    relations = names_of(section.model, relations_only=True)
    if name in relations:
        return None
    return Missing(f"is no relation of {section.model.__name__} to one row", nearest(name, relations))


def _searched(section: Any, name: str) -> Missing | None:
    """«self» or a relation, to rows that have a key to search in."""
    model = section.model
    if name != "self":
        missing = _own_relation(section, name)
        if missing is not None:
            return Missing(missing.reason, nearest(name, {"self", *names_of(model, relations_only=True)}))
        model = inspect(model).relationships[name].mapper.class_
    if hasattr(model, "search_key") or hasattr(model, "matching"):
        return None
    return Missing(f"has nothing to search in: {model.__name__} is not `Searchable`")


_Judge = Callable[[Any, str], Missing | None]
_JUDGES: dict[str, _Judge] = {
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


def _orders(section: Any) -> Iterator[DeclarationProblem]:
    """The order of the list and those of its tabs."""
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


def _labels(section: Any) -> Iterator[DeclarationProblem]:
    """A label belongs to a name that the declaration uses."""
    used = words_of(section, *_NAMING) | _STAMPS
    for name in listed(section, "labels"):
        if name not in used:
            reason = "is a label of nothing that the declaration names"
            yield DeclarationProblem(type(section).__name__, "labels", name, reason, nearest(name, used))
