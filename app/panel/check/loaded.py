"""The check of the code of a section: it reads only loaded attributes of rows, and returns known colours."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
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

# The methods that are called with each row of a list, whatever columns it shows.
_OF_ROWS = ("row_colour", "panel_url", "menu_kind", "row_menu")
# The functions of a display.
_OF_DISPLAYS = ("colour", "text")


def problems_of_code(section: Declaration) -> Iterator[DeclarationProblem]:
    """Reads of attributes that no list loads, and colours without a token."""
    class_, functions = type(section), set[FunctionType]()
    seen: set[tuple[str, str]] = set()
    for word, trace, loaded in _traces(section):
        functions |= {each for each in trace.functions if not _is_engine(each)}
        for path in sorted(trace.paths):
            problem = _unloaded(section, word, loaded, path)
            if problem is not None and (word, problem.name) not in seen:
                seen.add((word, problem.name))
                yield problem
    of_colours: set[Any] = {unwrap(class_.row_colour)}
    of_colours |= {
        unwrap(colour)
        for each in section.displays.values()
        if callable(colour := getattr(each, "colour", None))
    }
    for function in sorted(functions, key=lambda each: each.__qualname__):
        yield from _colours(class_.__name__, function, is_colour=function in of_colours)


def _is_engine(function: FunctionType) -> bool:
    return function.__module__.startswith("app.panel.")


def _traces(section: Declaration) -> Iterator[tuple[str, Trace, Projection]]:
    always, class_ = always_loaded(section), type(section)
    plain = Projection(section.model, always)
    yield "__str__", _label_trace(section), plain
    for word in _OF_ROWS:
        if (function := getattr(class_, word)) is not getattr(Declaration, word):
            yield word, _method_trace(section, function), plain
    for right, each in contributed_by_right().items():
        if right in section.all_permissions():
            yield f"roles ({right})", _method_trace(section, each.row_items), plain
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


def _label_trace(section: Declaration) -> Trace:
    trace = Trace(section)
    trace.paths.add(("__str__",))
    return trace


def _method_trace(section: Declaration, function: Callable[..., Any]) -> Trace:
    trace = Trace(section)
    trace.follow(function, parameter(function, 1) or "")
    return trace


def _loadable(section: Declaration, display: Display) -> tuple[str, ...]:
    """The names that a list loads for *display*; its path need not be an attribute of the row."""
    own = (display.path,) if hasattr(section.model, display.path.partition(".")[0]) else ()
    return (*own, *display.reads)


def _unloaded(section: Declaration, word: str, loaded: Projection, path: Path) -> DeclarationProblem | None:
    class_: Any = type(section)
    wrong = _wrong_in(section, loaded, path, depth=0)
    if wrong is None or wrong[0].partition(".")[0] in _completed(class_):
        return None
    name, is_mapped, valid = wrong
    where = type(section).__name__
    if is_mapped:
        return DeclarationProblem(
            where, word, name, f'reads what no list loads; name it in preload ("{name}")'
        )
    return DeclarationProblem(where, word, name, "reads what the row does not have", nearest(name, valid))


def _wrong_in(
    section: Declaration, loaded: Projection, path: Path, *, depth: int
) -> tuple[str, bool, set[str]] | None:
    """(path to the first step that is not loaded, whether it is mapped, valid names); None for a loaded path."""
    here = loaded
    for index, step in enumerate(path):
        name, mapper = ".".join(path[: index + 1]), inspect(here.model)
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
        return found and (".".join([*path[:index], found[0]]), *found[1:])
    return None


@cache
def _completed(class_: type[Declaration]) -> frozenset[str]:
    """The attributes that `complete` sets on the rows of a page."""
    function = getattr(class_, "complete", None)
    tree = tree_of(function) if isinstance(function, FunctionType) else None
    written = (node for node in ast.walk(tree)) if tree is not None else iter(())
    return frozenset(
        node.attr for node in written if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    )


def _colours(where: str, function: FunctionType, *, is_colour: bool) -> Iterator[DeclarationProblem]:
    """The problems of colours: texts that are no tokens, and tables that lack a member of their choice."""
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


def _texts(function: FunctionType, node: ast.AST) -> Iterator[str]:
    """The texts that an expression can evaluate to."""
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


def _table(function: FunctionType, node: ast.AST) -> dict[Any, str]:
    """The dictionary of the module, from members of a choice to texts, that *node* names; else empty."""
    value = function.__globals__.get(node.id) if isinstance(node, ast.Name) else None
    is_table = (
        isinstance(value, dict)
        and value
        and all(isinstance(key, Choice) and isinstance(text, str) for key, text in value.items())
    )
    return value if is_table and isinstance(value, dict) else {}


def _left_out(where: str, word: str, table: dict[Any, str]) -> Iterator[DeclarationProblem]:
    choice = type(next(iter(table)))
    for member in choice:
        if member not in table:
            yield DeclarationProblem(
                where, word, str(member.name), f"of {choice.__name__} has no entry in a table of colours"
            )
