"""The mutations that can be made to modules, without those that can't change what a program does."""

from __future__ import annotations

import ast
import random
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from cosmic_ray.commands.init import init
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec

Position = tuple[int, int]


def unread_spans(source: str) -> list[tuple[Position, Position]]:
    """Annotations and texts of documentation: nothing reads them when the program runs."""
    nodes: list[ast.AST | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arg):
            nodes.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            nodes.append(node.returns)
        elif isinstance(node, ast.AnnAssign):
            nodes.append(node.annotation)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            nodes.append(node)
    return [_span(node, source.splitlines()) for node in nodes if node is not None]


def _span(node: ast.AST, lines: Sequence[str]) -> tuple[Position, Position]:
    return (
        (node.lineno, _column(lines[node.lineno - 1], node.col_offset)),
        (node.end_lineno, _column(lines[node.end_lineno - 1], node.end_col_offset)),
    )


def _column(line: str, offset: int) -> int:
    """Python counts bytes, the mutation tester characters."""
    return len(line.encode()[:offset].decode())


def mutations_of(modules: Iterable[Path]) -> list[MutationSpec]:
    """All mutations of *modules*."""
    paths = list(modules)
    spans = {path: unread_spans(path.read_text("utf-8")) for path in paths}
    with tempfile.TemporaryDirectory() as folder, use_db(f"{folder}/items", WorkDB.Mode.create) as items:
        init(paths, items, {})
        made = [mutation for item in items.work_items for mutation in item.mutations]
    return [each for each in made if not _is_unread(each, spans[Path(each.module_path)])]


def _is_unread(mutation: MutationSpec, spans: Sequence[tuple[Position, Position]]) -> bool:
    begin, end = tuple(mutation.start_pos), tuple(mutation.end_pos)
    return any(start <= begin and end <= stop for start, stop in spans)


def sample(mutations: Sequence[MutationSpec], *, count: int, seed: int) -> list[MutationSpec]:
    """*count* of the mutations: the same ones for the same seed and the same code."""
    ordered = sorted(
        mutations,
        key=lambda each: (str(each.module_path), each.start_pos, each.operator_name, each.occurrence),
    )
    chosen = random.Random(seed).sample(ordered, min(count, len(ordered)))
    return sorted(chosen, key=lambda each: str(each.module_path))
