"""Whether a page loads what the code of its section reads of a row, and which colours that code gives."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from inspect import unwrap
from types import FunctionType
from typing import Any

from sqlalchemy import inspect

from app.panel.check.code_reads import Path, Trace, parameter, tree_of
from app.panel.check.problems import DeclarationProblem, nearest
from app.panel.contributions import contributed_by_right
from app.panel.declaration import Declaration
from app.panel.displays import Display
from app.panel.lists.page import always_loaded
from app.panel.queries.projection import Projection
from models.types import COLOURS, Choice

# Asked with each row of a list, whichever columns it shows.
_OF_ROWS = ("row_colour", "panel_url", "menu_kind", "row_menu")
# The functions of a display.
_OF_DISPLAYS = ("colour", "text")


def problems_of_code(section: Any) -> Iterator[DeclarationProblem]:
    """Reads of what no list loads, and colours that no style sheet knows."""
    kind, functions = type(section), set[FunctionType]()
    seen: set[tuple[str, str]] = set()
    for word, trace, loaded in _traces(section):
        functions |= {each for each in trace.functions if not _is_engine(each)}
        for path in sorted(trace.paths):
            problem = _unread(section, word, loaded, path)
            if problem is not None and (word, problem.name) not in seen:
                seen.add((word, problem.name))
                yield problem
    of_colours = {unwrap(kind.row_colour)}
    of_colours |= {
        unwrap(colour)
        for each in section.displays.values()
        if callable(colour := getattr(each, "colour", None))
    }
    for function in sorted(functions, key=lambda each: each.__qualname__):
        yield from _colours(kind.__name__, function, is_colour=function in of_colours)


def _is_engine(function: FunctionType) -> bool:
    return function.__module__.startswith("app.panel.")


def _traces(section: Any) -> Iterator[tuple[str, Trace, Projection]]:
    always, kind = always_loaded(section), type(section)
    plain = Projection(section.model, always)
    yield "__str__", _label(section), plain
    for word in _OF_ROWS:
        if (function := getattr(kind, word)) is not getattr(Declaration, word):
            yield word, _of(section, function), plain
    for right, each in contributed_by_right().items():
        if right in section.all_permissions():
            yield f"roles ({right})", _of(section, each.row_items), plain
    for path, display in section.displays.items():
        for name in _OF_DISPLAYS:
            if callable(function := getattr(display, name, None)):
                trace = Trace(section)
                trace.follow(function, parameter(function, 0) or "")
                yield (
                    f"columns ({path})",
                    trace,
                    Projection(section.model, (*_loadable(section, display), *always)),
                )


def _label(section: Any) -> Trace:
    trace = Trace(section)
    trace.paths.add(("__str__",))
    return trace


def _of(section: Any, function: Any) -> Trace:
    trace = Trace(section)
    trace.follow(function, parameter(function, 1) or "")
    return trace


def _loadable(section: Any, display: Display) -> tuple[str, ...]:
    """What a list loads for *display*; its own path may be no attribute of the row."""
    own = (display.path,) if hasattr(section.model, display.path.partition(".")[0]) else ()
    return (*own, *display.reads)


def _unread(section: Any, word: str, loaded: Projection, path: Path) -> DeclarationProblem | None:
    wrong = _wrong_in(section, loaded, path, depth=0)
    if wrong is None or wrong[0].partition(".")[0] in _completed(section.__class__):
        return None
    name, is_mapped, valid = wrong
    where = type(section).__name__
    if is_mapped:
        return DeclarationProblem(
            where, word, name, f'reads what no list loads; name it in preload ("{name}")'
        )
    return DeclarationProblem(where, word, name, "reads what the row does not have", nearest(name, valid))


def _wrong_in(
    section: Any, loaded: Projection, path: Path, *, depth: int
) -> tuple[str, bool, set[str]] | None:
    """The first step of *path* that is not loaded, whether it is mapped, and the names that there are instead."""
    here = loaded
    for place, step in enumerate(path):
        name, mapper = ".".join(path[: place + 1]), inspect(here.model)
        if step in mapper.relationships:
            if step not in here.children:
                return name, True, set()
            here = here.children[step]
            continue
        if step in mapper.column_attrs:
            return None if step in here.names else (name, True, set())
        attribute = next((vars(base)[step] for base in here.model.__mro__ if step in vars(base)), None)
        if attribute is None:
            return name, False, set(mapper.attrs.keys())
        function = attribute.fget if isinstance(attribute, property) else attribute
        if not isinstance(function, FunctionType) or depth > 3:
            return None
        trace = Trace(section)
        trace.follow(function, parameter(function, 0) or "")
        inner = (_wrong_in(section, here, each, depth=depth + 1) for each in sorted(trace.paths) if each)
        found = next((each for each in inner if each is not None), None)
        return found and (".".join([*path[:place], found[0]]), *found[1:])
    return None


@cache
def _completed(kind: Any) -> frozenset[str]:
    """What `complete` writes on the rows of a page."""
    function = getattr(kind, "complete", None)
    tree = tree_of(function) if isinstance(function, FunctionType) else None
    written = (node for node in ast.walk(tree)) if tree is not None else iter(())
    return frozenset(
        node.attr for node in written if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    )


def _colours(where: str, function: FunctionType, *, is_colour: bool) -> Iterator[DeclarationProblem]:
    """Texts that stand for a colour, and tables of colours with a member left out."""
    tree = tree_of(function)
    nodes = list(ast.walk(tree)) if tree is not None else []
    given: list[Any] = [
        each.value for each in nodes if isinstance(each, ast.keyword) and each.arg == "colour"
    ]
    given += [each.args[3] for each in nodes if isinstance(each, ast.Call) and _makes_cell(each)]
    if is_colour:
        given += [each.value for each in nodes if isinstance(each, ast.Return) and each.value is not None]
    for expression in given:
        for text in _texts(function, expression):
            if text not in COLOURS:
                yield DeclarationProblem(
                    where, function.__name__, text, "is no colour token", nearest(text, COLOURS)
                )
    for node in nodes:
        if isinstance(node, ast.Subscript) and (table := _table(function, node.value)):
            yield from _left_out(where, function.__name__, table)


def _makes_cell(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "Cell" and len(node.args) > 3


def _texts(function: FunctionType, node: Any) -> Iterator[str]:
    """The texts that an expression can be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (text for each in (node.body, node.orelse) for text in _texts(function, each))
    elif isinstance(node, ast.BoolOp):
        yield from (text for each in node.values for text in _texts(function, each))
    elif isinstance(node, ast.Subscript):
        yield from _table(function, node.value).values()
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        yield from _table(function, node.func.value).values()
        yield from (text for each in node.args[1:] for text in _texts(function, each))


def _table(function: FunctionType, node: Any) -> dict[Any, str]:
    """A dictionary of the module from members of a choice to texts; empty for any other expression."""
    value = function.__globals__.get(node.id) if isinstance(node, ast.Name) else None
    is_table = (
        isinstance(value, dict)
        and value
        and all(isinstance(key, Choice) and isinstance(text, str) for key, text in value.items())
    )
    return value if is_table and isinstance(value, dict) else {}


def _left_out(where: str, word: str, table: dict[Any, str]) -> Iterator[DeclarationProblem]:
    kind = type(next(iter(table)))
    for member in kind:
        if member not in table:
            yield DeclarationProblem(
                where, word, str(member.name), f"of {kind.__name__} has no entry in a table of colours"
            )
