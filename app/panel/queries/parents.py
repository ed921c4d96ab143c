"""The parents of a row, loaded with it by joins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, inspect
from sqlalchemy.orm import contains_eager


def join_parents(statement: Select[Any], model: Any, paths: Iterable[str]) -> Select[Any]:
    """*statement* with the relations *paths* of *model*; «order.product» comes after «order»."""
    for path in paths:
        option, source = None, model
        for name in path.split("."):
            relation = getattr(source, name)
            option = contains_eager(relation) if option is None else option.contains_eager(relation)
            source = relation.property.mapper.class_
        # An explicit join, because the scope adds no criteria to the joins of loader options.
        statement = statement.outerjoin(relation)
        if option is not None:
            statement = statement.options(option)
    return statement


def named_parents(model: Any, names: Iterable[str]) -> Sequence[str]:
    """The relations *names* of *model*, and those that name the rows to which they lead, each table once."""
    # A table that is joined twice would need an alias: itself, or that of another relation.
    joined = {model}
    found = [name for name in names if _joins(model, name, joined)]
    for name in tuple(found):
        parent = _target(model, name)
        parts = getattr(parent.__str__, "reads", ())
        found += [f"{name}.{part}" for part in parts if _joins(parent, part, joined)]
    return found


def _joins(model: Any, name: str, joined: set[Any]) -> bool:
    """Whether *name* is a relation to one row of a table that is not *joined* yet, which it is from here on."""
    target = _target(model, name)
    if target is None or target in joined:
        return False
    joined.add(target)
    return True


def _target(model: Any, name: str) -> Any:
    relation = inspect(model).relationships.get(name)
    return None if relation is None or relation.uselist else relation.mapper.class_
