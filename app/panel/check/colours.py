"""The check of colours in the code of a section: each is a token, and tables of colours have all members."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from app.panel.check.code_reads import tree_of
from app.panel.check.problems import DeclarationProblem, nearest
from models.types import COLOURS, Choice


def problems_of_colours(
    where: str, function: FunctionType, *, is_colour: bool
) -> Iterator[DeclarationProblem]:
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
