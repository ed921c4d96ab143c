"""The check of a declaration against other sections and its own code: related tabs, extra fields, the palette."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from inspect import unwrap
from types import CodeType, FunctionType
from typing import Any

from flask_appbuilder import BaseView
from sqlalchemy import inspect
from sqlalchemy.orm import RelationshipProperty

from app.panel.check.paths import names_of
from app.panel.check.problems import DeclarationProblem, listed, nearest
from app.panel.declaration import Declaration


def problems_of_relations(
    section: Declaration, sections: Mapping[str, Declaration]
) -> Iterator[DeclarationProblem]:
    """The problems of *section* with others; *sections* has all sections by slug."""
    yield from _related(section, sections)
    yield from _appearances(section, sections)
    yield from _parent(section, sections)
    if section.in_palette and not section.search:
        yield DeclarationProblem(
            type(section).__name__, "in_palette", "search", "is empty, so that the palette finds nothing"
        )


def _related(section: Declaration, sections: Mapping[str, Declaration]) -> Iterator[DeclarationProblem]:
    where = type(section).__name__
    for path in listed(section, "related"):
        slug, _dot, relation = path.partition(".")
        other = sections.get(slug)
        if other is None:
            better = nearest(slug, sections)
            yield DeclarationProblem(where, "related", path, "names no section", f"{better}.{relation}")
            continue
        valid = _relations_to(other.model, section.model)
        if relation not in valid:
            better = nearest(relation, valid)
            reason = f"names no relation of {other.model.__name__} to one {section.model.__name__}"
            yield DeclarationProblem(where, "related", path, reason, better and f"{slug}.{better}")


def _appearances(section: Declaration, sections: Mapping[str, Declaration]) -> Iterator[DeclarationProblem]:
    """The relations of `appears_on` to models without a section, whose page would show the tab."""
    shown = {other.model for other in sections.values()}
    relations = inspect(section.model).relationships
    valid = {
        name for name in names_of(section.model, relations_only=True) if _target(relations, name) in shown
    }
    for name in listed(section, "appears_on"):
        if name in relations and name not in valid:
            reason = "leads to rows that no section shows"
            yield DeclarationProblem(type(section).__name__, "appears_on", name, reason, nearest(name, valid))


def _parent(section: Declaration, sections: Mapping[str, Declaration]) -> Iterator[DeclarationProblem]:
    """`only_in` is a relation to rows that another section shows, with which the rows are deleted."""
    where, name, model = type(section).__name__, section.only_in, section.model
    if name is None:
        return
    shown = {other.model for other in sections.values()}
    relations = inspect(model).relationships
    valid = {each for each in names_of(model, relations_only=True) if _target(relations, each) in shown}
    if name not in valid:
        reason = f"is no relation of {model.__name__} to rows that a section shows"
        yield DeclarationProblem(where, "only_in", name, reason, nearest(name, valid))
    elif name not in getattr(model, "__goes_with__", ()):
        reason = f'is not deleted with its parent; {model.__name__} needs __goes_with__ = ("{name}",)'
        yield DeclarationProblem(where, "only_in", name, reason)
    elif not hasattr(section, "of"):
        yield DeclarationProblem(where, "only_in", name, "needs the base class ChildSection")


def _target(relations: Mapping[str, RelationshipProperty[Any]], name: str) -> Any:
    return relations[name].mapper.class_


def _relations_to(model: type[Any], target: type[Any]) -> set[str]:
    relations = inspect(model).relationships
    names = names_of(model, relations_only=True)
    return {name for name in names if issubclass(target, _target(relations, name))}


def problems_of_fields(view: BaseView) -> Iterator[DeclarationProblem]:
    """The extra fields that are neither attributes of the row nor named in the code of the section."""
    class_: Any = type(view)
    code = _named_in_code(class_)
    for word in ("extra_fields", "extra_edit_fields", "plain_fields"):
        for name in listed(view, word):
            if hasattr(getattr(view, "model", None), name) or name in code:
                continue
            valid = code | (names_of(view.model) if hasattr(view, "model") else set())
            reason = "is neither an attribute of the row nor read by the section"
            yield DeclarationProblem(type(view).__name__, word, name, reason, nearest(name, valid))


@cache
def _named_in_code(class_: type) -> frozenset[str]:
    """The names and texts in the functions of the section's classes outside the engine."""
    functions = [
        value
        for owner in class_.__mro__
        if not f"{owner.__module__}.".startswith(("app.panel.", "flask_appbuilder.", "builtins."))
        for value in vars(owner).values()
        if isinstance(value, FunctionType)
    ]
    return frozenset(name for function in functions for name in _names(unwrap(function).__code__))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
        elif isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple | frozenset):
            yield from (each for each in constant if isinstance(each, str))
