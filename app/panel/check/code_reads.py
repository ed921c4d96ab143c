"""What a function reads of the row that it gets: followed through its code and the functions that it hands the row to."""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

Path = tuple[str, ...]


@dataclass
class Trace:
    """The dotted paths that code reads of a row, and the functions that were followed for them."""

    section: Any
    paths: set[Path] = field(default_factory=set)
    functions: set[FunctionType] = field(default_factory=set)

    def follow(
        self, function: Any, row: str, prefix: Path = (), known: Mapping[str, str] | None = None
    ) -> None:
        """Read the code of *function*, whose parameter *row* is what *prefix* leads to.

        *known* gives the parameter that is a column the column's path: branches for other columns are not read.
        """
        plain = inspect.unwrap(function)
        if (
            isinstance(plain, FunctionType)
            and len(self.functions) < 200
            and (tree := tree_of(plain)) is not None
        ):
            self.functions.add(plain)
            _Reader(self, plain, row, prefix, known or {}).block(tree.body)


def parameter(function: Any, place: int) -> str | None:
    """The name of the parameter at *place*."""
    code = inspect.unwrap(function).__code__
    return code.co_varnames[place] if place < code.co_argcount else None


@cache
def _functions_in(file: str) -> dict[int, ast.FunctionDef]:
    """The functions of a module by the line that their code begins in."""
    source = "".join(linecache.getlines(file))
    found = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    return {min([node.lineno, *(each.lineno for each in node.decorator_list)]): node for node in found}


def tree_of(function: FunctionType) -> ast.FunctionDef | None:
    """The function as it is written; None where its source is not there."""
    code = function.__code__
    return _functions_in(code.co_filename).get(code.co_firstlineno)


class _Reader:
    """Walks over one function, along the branches that its column can take."""

    def __init__(
        self, trace: Trace, function: FunctionType, row: str, prefix: Path, known: Mapping[str, str]
    ) -> None:
        self.trace, self.function = trace, function
        self.row, self.prefix, self.known = row, prefix, known

    def block(self, statements: list[Any]) -> bool:
        """Read the statements; whether none behind them is reached."""
        return any(self.statement(each) for each in statements)

    def statement(self, node: Any) -> bool:
        if isinstance(node, ast.If):
            self.visit(node.test)
            truth = self.truth(node.test)
            ends = [self.block(branch) for branch in _taken(node, truth)]
            return all(ends)
        self.visit(node)
        return isinstance(node, ast.Return | ast.Raise)

    def visit(self, node: Any) -> None:
        if isinstance(node, ast.BoolOp):
            self._boolean(node)
        elif isinstance(node, ast.IfExp):
            self.visit(node.test)
            for branch in _taken(node, self.truth(node.test)):
                self.visit(branch)
        elif (path := self.path(node)) is not None:
            self.trace.paths.add(path)
        elif isinstance(node, ast.Call):
            self._call(node)
        elif isinstance(node, ast.FormattedValue) and (path := self.path(node.value)) is not None:
            self.trace.paths.add((*path, "__str__"))
        elif isinstance(node, ast.stmt) and hasattr(node, "body"):
            self._compound(node)
        else:
            for child in ast.iter_child_nodes(node):
                self.visit(child)

    def _compound(self, node: Any) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self.statement(child)
            else:
                self.visit(child)

    def _boolean(self, node: ast.BoolOp) -> None:
        stop = isinstance(node.op, ast.Or)
        for value in node.values:
            self.visit(value)
            if self.truth(value) is stop:
                return

    def path(self, node: Any) -> Path | None:
        """The path of ``row.a.b``; None for any other expression."""
        steps: list[str] = []
        while isinstance(node, ast.Attribute):
            steps.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name) and node.id == self.row:
            return (*self.prefix, *reversed(steps))
        return None

    def truth(self, test: Any) -> bool | None:
        """What a comparison of the column's path says; None where only a request knows."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self.truth(test.operand)
            return None if inner is None else not inner
        if isinstance(test, ast.BoolOp):
            found, stop = [self.truth(each) for each in test.values], isinstance(test.op, ast.Or)
            return stop if stop in found else (None if None in found else not stop)
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            return self._compared(test.left, test.ops[0], self._constant(test.comparators[0]))
        return None

    def _compared(self, left: Any, sign: ast.cmpop, right: Any) -> bool | None:
        column = left.value if isinstance(left, ast.Attribute) and left.attr in {"path", "name"} else None
        path = self.known.get(column.id) if isinstance(column, ast.Name) else None
        if path is None or right is None:
            return None
        value = path if left.attr == "path" else path.rpartition(".")[2]
        if isinstance(sign, ast.Eq | ast.NotEq):
            return (value == right) is isinstance(sign, ast.Eq)
        if isinstance(sign, ast.In | ast.NotIn):
            return (value in right) is isinstance(sign, ast.In)
        return None

    def _constant(self, node: Any) -> Any:
        try:
            return ast.literal_eval(node)
        except ValueError:
            return self.function.__globals__.get(node.id) if isinstance(node, ast.Name) else None

    def _call(self, node: ast.Call) -> None:
        method = self.path(node.func)
        if method is not None:
            self.trace.paths.add(method)
        arguments = [*enumerate(node.args), *((each.arg, each.value) for each in node.keywords)]
        handed = [(place, path) for place, value in arguments if (path := self.path(value)) is not None]
        target, first = self._target(node.func)
        for place, path in handed:
            self.trace.paths.add((*path, "__str__") if _is_str(node.func) else path)
            if target is not None:
                self._hand_over(node, target, first, place, path)
        others = [value for _place, value in arguments if self.path(value) is None]
        for child in [*others, *([] if method or isinstance(node.func, ast.Name) else [node.func])]:
            self.visit(child)

    def _hand_over(self, node: ast.Call, target: Any, first: int, place: Any, path: Path) -> None:
        name = place if isinstance(place, str) else parameter(target, place + first)
        known = {}
        for at, value in enumerate(node.args):
            inner = parameter(target, at + first)
            if isinstance(value, ast.Name) and value.id in self.known and inner:
                known[inner] = self.known[value.id]
        if name and inspect.unwrap(target) not in self.trace.functions:
            self.trace.follow(target, name, path, known)

    def _target(self, func: Any) -> tuple[Any, int]:
        """The function that is called, and how many parameters stand before its first argument."""
        kind = type(self.trace.section)
        if isinstance(func, ast.Name):
            return _function(self.function.__globals__.get(func.id)), 0
        if not isinstance(func, ast.Attribute):
            return None, 0
        if isinstance(func.value, ast.Name):
            if func.value.id == "self":
                return _function(getattr(kind, func.attr, None)), 1
            module = self.function.__globals__.get(func.value.id)
            return _function(getattr(module, func.attr, None) if isinstance(module, ModuleType) else None), 0
        if (
            isinstance(func.value, ast.Call)
            and isinstance(func.value.func, ast.Name)
            and func.value.func.id == "super"
        ):
            return _function(self._next(kind, func.attr)), 1
        return None, 0

    def _next(self, kind: type, name: str) -> Any:
        """The method *name* of the class behind the one that this function stands in."""
        owners = list(kind.__mro__)
        mine = next((owner for owner in owners if _is_in(owner, self.function)), None)
        behind = owners[owners.index(mine) + 1 :] if mine else []
        return next((vars(owner)[name] for owner in behind if name in vars(owner)), None)


def _taken(node: Any, truth: bool | None) -> Iterator[Any]:  # noqa: FBT001 - the answer of `truth`
    """The branches that are reached."""
    if truth is not False:
        yield node.body
    if truth is not True:
        yield node.orelse


def _function(value: Any) -> Any:
    return value if isinstance(inspect.unwrap(value) if callable(value) else value, FunctionType) else None


def _is_str(func: Any) -> bool:
    return isinstance(func, ast.Name) and func.id == "str"


def _is_in(owner: type, function: FunctionType) -> bool:
    return any(callable(each) and inspect.unwrap(each) is function for each in vars(owner).values())
