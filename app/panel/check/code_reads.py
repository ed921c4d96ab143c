"""The attributes that a function reads of a row, found in its source and in the functions that it calls with the row."""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from app.panel.declaration import Declaration

Path = tuple[str, ...]
_MOST_FUNCTIONS = 200


@dataclass
class Trace:
    """The paths that functions read of a row, and those functions."""

    section: Declaration
    paths: set[Path] = field(default_factory=set)
    functions: set[FunctionType] = field(default_factory=set)

    def follow(self, function: Callable[..., Any], row: str, prefix: Path = ()) -> None:
        """Collect the reads of *function*, whose parameter *row* is the object at the path *prefix*."""
        plain = inspect.unwrap(function)
        if not isinstance(plain, FunctionType) or len(self.functions) >= _MOST_FUNCTIONS:
            return
        tree = tree_of(plain)
        if tree is not None:
            self.functions.add(plain)
            reader = _Reader(self, plain, row, prefix)
            for statement in tree.body if isinstance(tree.body, list) else [tree.body]:
                reader.visit(statement)


def parameter(function: Callable[..., Any], index: int) -> str | None:
    """The name of the parameter at *index*."""
    code = inspect.unwrap(function).__code__
    return code.co_varnames[index] if index < code.co_argcount else None


@cache
def _functions_in(file: str) -> dict[int, ast.FunctionDef | ast.Lambda]:
    """The functions of a source file by their first lines."""
    source = "".join(linecache.getlines(file))
    found: dict[int, ast.FunctionDef | ast.Lambda] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            found[min([node.lineno, *(each.lineno for each in node.decorator_list)])] = node
        elif isinstance(node, ast.Lambda):
            found.setdefault(node.lineno, node)
    return found


def tree_of(function: FunctionType) -> ast.FunctionDef | ast.Lambda | None:
    """The syntax tree of *function*; None where its source is not available."""
    code = function.__code__
    return _functions_in(code.co_filename).get(code.co_firstlineno)


class _Reader(ast.NodeVisitor):
    """A visitor that collects the reads of one function."""

    def __init__(self, trace: Trace, function: FunctionType, row: str, prefix: Path) -> None:
        self.trace, self.function, self.row, self.prefix = trace, function, row, prefix

    def visit(self, node: ast.AST) -> None:
        path = self._path(node)
        if path is not None:
            self.trace.paths.add(path)
        elif isinstance(node, ast.FormattedValue) and (path := self._path(node.value)) is not None:
            self.trace.paths.add((*path, "__str__"))
        elif isinstance(node, ast.Call):
            self._call(node)
        else:
            self.generic_visit(node)

    def _path(self, node: ast.AST) -> Path | None:
        """The path of ``row.a.b``; None for any other expression."""
        steps: list[str] = []
        while isinstance(node, ast.Attribute):
            steps.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name) and node.id == self.row:
            return (*self.prefix, *reversed(steps))
        return None

    def _call(self, node: ast.Call) -> None:
        method = self._path(node.func)
        if method is not None:
            self.trace.paths.add(method)
        target, first = self._target(node.func)
        arguments = [*enumerate(node.args), *((each.arg, each.value) for each in node.keywords)]
        for position, value in arguments:
            path = self._path(value)
            if path is None:
                self.visit(value)
                continue
            is_str = isinstance(node.func, ast.Name) and node.func.id == "str"
            self.trace.paths.add((*path, "__str__") if is_str else path)
            if target is None or inspect.unwrap(target) in self.trace.functions:
                continue
            name = position if isinstance(position, str) else parameter(target, int(position or 0) + first)
            if name:
                self.trace.follow(target, name, path)
        if method is None and not isinstance(node.func, ast.Name):
            self.visit(node.func)

    def _target(self, func: ast.expr) -> tuple[Any, int]:
        """The called function, and the number of its parameters before the first argument."""
        class_ = type(self.trace.section)
        if isinstance(func, ast.Name):
            return _function(self.function.__globals__.get(func.id)), 0
        if not isinstance(func, ast.Attribute):
            return None, 0
        if isinstance(func.value, ast.Name):
            if func.value.id == "self":
                return _function(getattr(class_, func.attr, None)), 1
            module = self.function.__globals__.get(func.value.id)
            return _function(getattr(module, func.attr, None) if isinstance(module, ModuleType) else None), 0
        called = func.value.func if isinstance(func.value, ast.Call) else None
        if isinstance(called, ast.Name) and called.id == "super":
            return _function(self._next(class_, func.attr)), 1
        return None, 0

    def _next(self, class_: type, name: str) -> Any:
        """The method *name* of the base class after the one that defines this function."""
        owners = list(class_.__mro__)
        here = next((owner for owner in owners if _defines(owner, self.function)), None)
        rest = owners[owners.index(here) + 1 :] if here else []
        return next((vars(owner)[name] for owner in rest if name in vars(owner)), None)


def _function(value: object) -> Any:
    """*value* if it is a Python function, perhaps wrapped; else None."""
    return value if isinstance(inspect.unwrap(value) if callable(value) else value, FunctionType) else None


def _defines(owner: type, function: FunctionType) -> bool:
    return any(callable(each) and inspect.unwrap(each) is function for each in vars(owner).values())
