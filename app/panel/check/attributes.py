"""The words that name one attribute of a row: its owner, and the key by which an import finds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Index, inspect

from app.panel.check.paths import names_of
from app.panel.check.problems import DeclarationProblem, listed, nearest
from models.base import SoftDelete, Tenant
from models.member import Member


def problems_of_attributes(section: Any) -> Iterator[DeclarationProblem]:
    yield from _owner(section)
    yield from _owners(section)
    yield from _import(section)
    yield from _bulk_edit(section)


def problems_of_model_owner(section: Any) -> Iterator[DeclarationProblem]:
    """`__owner__` of the model is a column with an index, since every statement of a consultant is limited by it."""
    model, where = section.model, type(section).__name__
    key = model.__owner__ if issubclass(model, Tenant) else None
    if key is None:
        return
    columns = inspect(model).column_attrs
    if key not in columns:
        reason = f"is no column of {model.__name__}"
        yield DeclarationProblem(
            where, f"{model.__name__}.__owner__", key, reason, nearest(key, columns.keys())
        )
    elif not any(_begins_with(index, columns[key].columns[0]) for index in model.__table__.indexes):
        name = f"ix_{model.__tablename__}_{key}"
        reason = f'has no index; add live_index("{name}", "{key}", "id") to __table_args__'
        yield DeclarationProblem(where, f"{model.__name__}.__owner__", key, reason)


def _begins_with(index: Index, column: Column[Any]) -> bool:
    """Whether *index* serves a condition on *column*, alone or within an organisation."""
    first = next((each for each in index.columns if each.name != "organization_id"), None)
    return first is column


def _bulk_edit(section: Any) -> Iterator[DeclarationProblem]:
    """`bulk_edit` gives several rows the same value, which a unique column refuses."""
    unique = {
        tuple(each.name for each in index.columns if each.name != "organization_id")
        for index in section.model.__table__.indexes
        if index.unique
    }
    for name in section.bulk_edit:
        if (name,) in unique:
            yield DeclarationProblem(
                type(section).__name__,
                "bulk_edit",
                name,
                "is unique, so that no two rows can have the same value",
            )


def _owner(section: Any) -> Iterator[DeclarationProblem]:
    """`owner` is a relation to one member, and the one by which the model knows its owner, if it does."""
    model, owner, where = section.model, section.owner, type(section).__name__
    if owner is None:
        return
    relations = inspect(model).relationships
    names = names_of(model, relations_only=True)
    members = {name for name in names if relations[name].mapper.class_ is Member}
    if owner not in members:
        reason = f"is no relation of {model.__name__} to a member"
        yield DeclarationProblem(where, "owner", owner, reason, nearest(owner, members))
        return
    known = model.owner_names() if issubclass(model, Tenant) else frozenset()
    if known and owner not in known:
        reason = f"is not the owner of the rows of {model.__name__}: {', '.join(sorted(known))}"
        yield DeclarationProblem(where, "owner", owner, reason, nearest(owner, known & members))


def _owners(section: Any) -> Iterator[DeclarationProblem]:
    """The relations of `owners` lead to the section's row and to a member, and an index serves the filter."""
    owners, where = section.owners, type(section).__name__
    if owners is None:
        return
    for name, relation, target in (("of", owners.of, section.model), ("owner", owners.owner, Member)):
        found = relation.property.mapper.class_
        if found is not target:
            reason = f"leads to {found.__name__}, not to {target.__name__}"
            yield DeclarationProblem(where, f"owners.{name}", relation.key, reason)
    table, keys = owners.work.__table__, [each.name for each in reversed(owners.keys)]
    if not any([each.name for each in index.columns][:2] == keys for index in table.indexes):
        reason = f"has no index of {' and '.join(keys)}; add live_index(…) of both to {owners.work.__name__}"
        yield DeclarationProblem(where, "owners", owners.owner.key, reason)


def _import(section: Any) -> Iterator[DeclarationProblem]:
    """An import can be undone, and its key is a column that the form fills."""
    model, key, where = section.model, section.import_key, type(section).__name__
    if section.importable and not issubclass(model, SoftDelete):
        reason = "has no trash to undo an import with; derive it from `SoftDelete`"
        yield DeclarationProblem(where, "importable", model.__name__, reason)
    if key is None:
        return
    if not section.importable:
        yield DeclarationProblem(where, "import_key", key, "has no use without importable = True")
    keys = set(listed(section, "form")) & set(inspect(model).column_attrs.keys())
    if key not in keys:
        yield DeclarationProblem(where, "import_key", key, "is no column in `form`", nearest(key, keys))
