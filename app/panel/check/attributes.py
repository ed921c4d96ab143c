"""The words that name one attribute of a row: its owner, and the key by which an import finds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import inspect

from app.panel.check.paths import names_of
from app.panel.check.problems import DeclarationProblem, listed, nearest
from models.base import SoftDelete, Tenant
from models.member import Member


def problems_of_attributes(section: Any) -> Iterator[DeclarationProblem]:
    yield from _owner(section)
    yield from _import(section)


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
