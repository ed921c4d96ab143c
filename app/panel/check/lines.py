"""The check of `lines`: the relation, its model, and all names of columns and totals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import inspect

from app.panel.check.paths import Found, Missing, PathKind, names_of, resolve
from app.panel.check.problems import DeclarationProblem, nearest
from app.panel.columns import describe
from app.panel.forms.builder import field_of
from app.panel.words import Lines
from models.base import Timestamps, Versioned
from models.child.line import Line

_Problem = tuple[str, Missing]


def problems_of_lines(section: Any) -> Iterator[DeclarationProblem]:
    lines = section.lines
    if lines is None:
        return
    where = type(section).__name__
    for name, missing in _problems(section, lines):
        yield DeclarationProblem(where, "lines", name, missing.reason, missing.nearest)


def _problems(section: Any, lines: Lines) -> Iterator[_Problem]:
    relations = {each.key: each for each in inspect(section.model).relationships if each.uselist}
    relation = relations.get(lines.relation)
    if relation is None:
        yield (
            lines.relation,
            Missing("is no relation to many rows", nearest(lines.relation, relations)),
        )
        return
    child = relation.mapper.class_
    if not issubclass(child, Line):
        yield lines.relation, Missing(f"leads to {child.__name__}, which is no `Line`")
    if not relation.cascade.delete_orphan:
        yield lines.relation, Missing('needs cascade="all, delete-orphan", so that a line can be removed')
    if not (issubclass(section.model, Versioned) and issubclass(section.model, Timestamps)):
        yield lines.relation, Missing("belongs to a model without version or time of change")
    if section.importable:
        yield lines.relation, Missing("has no column in a file; a section with lines can't be `importable`")
    yield from _columns(child, lines)
    yield from _amounts(section, child, lines)


def _columns(child: type[Any], lines: Lines) -> Iterator[_Problem]:
    for name in lines.columns:
        found = resolve(child, name)
        if isinstance(found, Missing):
            yield name, found
        elif not found.is_own or found.kind is PathKind.PROPERTY:
            yield name, Missing("is no column of the line")
        else:
            yield from _unbuildable(child, name)
    for name, path in lines.presets.items():
        missing = resolve(child, path)
        if name not in lines.columns:
            yield name, Missing("is preset, but no field of the line", nearest(name, lines.columns))
        elif isinstance(missing, Missing):
            yield path, missing
        elif path.partition(".")[0] not in lines.columns or path.count(".") != 1:
            yield path, Missing("is no value of a relation that the line edits")


def _unbuildable(child: type[Any], name: str) -> Iterator[_Problem]:
    try:
        field_of(describe(child, name), lookup_url="")
    except TypeError as error:
        yield name, Missing(f"has no form field: {error}")


def _amounts(section: Any, child: type[Any], lines: Lines) -> Iterator[_Problem]:
    if (lines.amount or lines.totals) and not callable(getattr(section.model, "total_up", None)):
        yield lines.relation, Missing(f"has amounts, but {section.model.__name__} has no `total_up()`")
    if lines.amount:
        found = resolve(child, lines.amount)
        if not isinstance(found, Found):
            yield lines.amount, found
        elif lines.amount in lines.columns:
            yield lines.amount, Missing("is typed and computed; remove it from the fields of the line")
    for total in lines.totals:
        found = resolve(section.model, total.name)
        if isinstance(found, Missing):
            yield total.name, Missing(found.reason, nearest(total.name, names_of(section.model)))
