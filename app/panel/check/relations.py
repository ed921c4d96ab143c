"""What a declaration says of other sections and of its own code: tabs of a row's page, fields of forms, the palette."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from sqlalchemy import inspect

from app.panel.check.paths import names_of
from app.panel.check.problems import DeclarationProblem, listed, nearest


def problems_of_relations(section: Any, sections: Mapping[str, Any]) -> Iterator[DeclarationProblem]:
    """*sections* are all that there are, by their slugs."""
    yield from _related(section, sections)
    yield from _appearances(section, sections)
    if section.in_palette and not section.search:
        yield DeclarationProblem(
            type(section).__name__, "in_palette", "search", "is empty, so that the palette finds nothing"
        )


def _related(section: Any, sections: Mapping[str, Any]) -> Iterator[DeclarationProblem]:
    where = type(section).__name__
    for path in listed(section, "related"):
        slug, _dot, relation = path.partition(".")
        other = sections.get(slug)
        if other is None:
            better = nearest(slug, sections)
            yield DeclarationProblem(where, "related", path, "names no section", f"{better}.{relation}")
            continue
        ours = _leading_to(other.model, section.model)
        if relation not in ours:
            better = nearest(relation, ours)
            reason = f"names no relation of {other.model.__name__} to one {section.model.__name__}"
            yield DeclarationProblem(where, "related", path, reason, better and f"{slug}.{better}")


def _appearances(section: Any, sections: Mapping[str, Any]) -> Iterator[DeclarationProblem]:
    """A tab needs the page of another section to stand on."""
    shown = {other.model for other in sections.values()}
    relations = inspect(section.model).relationships
    leading = {
        name for name in names_of(section.model, relations_only=True) if _target(relations, name) in shown
    }
    for name in listed(section, "appears_on"):
        if name in relations and name not in leading:
            reason = "leads to rows that no section shows"
            yield DeclarationProblem(
                type(section).__name__, "appears_on", name, reason, nearest(name, leading)
            )


def _target(relations: Any, name: str) -> Any:
    return relations[name].mapper.class_


def _leading_to(model: Any, target: Any) -> set[str]:
    relations = inspect(model).relationships
    names = names_of(model, relations_only=True)
    return {name for name in names if issubclass(target, _target(relations, name))}


def problems_of_fields(view: Any) -> Iterator[DeclarationProblem]:
    """A field of one's own is an attribute of the row, or the section's code reads it by its name."""
    kind: Any = type(view)
    code = _named_in_code(kind)
    for word in ("extra_fields", "extra_edit_fields", "plain_fields"):
        for name in listed(view, word):
            if hasattr(getattr(view, "model", None), name) or name in code:
                continue
            valid = code | (names_of(view.model) if hasattr(view, "model") else set())
            reason = "is neither an attribute of the row nor read by the section"
            yield DeclarationProblem(type(view).__name__, word, name, reason, nearest(name, valid))


@cache
def _named_in_code(kind: Any) -> frozenset[str]:
    """The names and texts in the functions of the section's own classes."""
    functions = [
        value
        for owner in kind.__mro__
        if not f"{owner.__module__}.".startswith(("app.panel.", "flask_appbuilder.", "builtins."))
        for value in vars(owner).values()
        if isinstance(value, FunctionType)
    ]
    return frozenset(name for function in functions for name in _names(_unwrapped(function).__code__))


def _unwrapped(function: Any) -> Any:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
        elif isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple | frozenset):
            yield from (each for each in constant if isinstance(each, str))
