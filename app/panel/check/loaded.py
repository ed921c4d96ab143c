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
from app.panel.check.colours import problems_of_colours
from app.panel.check.problems import DeclarationProblem, nearest
from app.panel.contributions import contributed_by_right
from app.panel.declaration import Declaration
from app.panel.displays import Display
from app.panel.lists.page import always_loaded
from app.panel.queries.projection import Projection

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
        yield from problems_of_colours(class_.__name__, function, is_colour=function in of_colours)


def _is_engine(function: FunctionType) -> bool:
    return function.__module__.startswith("app.panel.")


def _traces(section: Declaration) -> Iterator[tuple[str, Trace, Projection]]:
    always, class_ = always_loaded(section), type(section)
    plain = Projection(section.model, always)
    yield "__str__", _label_trace(section), plain
    for word in _OF_ROWS:
        if (function := getattr(class_, word)) is not getattr(Declaration, word):
            yield word, _method_trace(section, function), plain
    for action in section.declared_actions.values():
        if action.when is not None:
            trace = Trace(section)
            trace.follow(action.when, parameter(action.when, 0) or "")
            yield f"{action.name} (when)", trace, plain
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
            where,
            word,
            name,
            f'is read, and a list without that column does not load it; name it in preload ("{name}")',
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
