"""Which tests run a line: from one run of all tests, in which coverage.py notes the test that runs each line."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from coverage import CoverageData

from tests.mutants import plugin
from tests.mutants.related import SLOW

# How pytest ends when it has run all tests, whether or not one of them failed.
ENDED = (0, 1)
_SETTINGS = "[run]\nsource =\n{folders}\nrelative_files = True\ndata_file = {data}\n"


@dataclass(frozen=True)
class Covered:
    """The tests of each line of the tree at *root*, and the seconds of each test, in the folder *notes*."""

    root: Path
    notes: Path

    @property
    def data(self) -> Path:
        return self.notes / "lines"

    @property
    def _seconds(self) -> Path:
        return self.notes / "seconds.json"

    def seconds(self) -> Mapping[str, float]:
        """The seconds of each test that passed."""
        return json.loads(self._seconds.read_text("utf-8"))

    def is_made(self) -> bool:
        return self._seconds.exists()

    def make(self, folders: Sequence[str], *, jobs: int, tests: Sequence[str] = ()) -> None:
        """Run the *tests* on SQLite, all of them but the slow kinds where none is named.

        Raises `RuntimeError` when pytest could not run.
        """
        self.notes.mkdir(parents=True, exist_ok=True)
        settings = self.notes / "coveragerc"
        listed = "\n".join(f"    {each}" for each in folders)
        settings.write_text(_SETTINGS.format(folders=listed, data=self.data), "utf-8")
        command = [sys.executable, "-m", "pytest", "-n", str(jobs), "--database", "sqlite"]
        command += ["-p", plugin.__name__, "--cov", f"--cov-config={settings}", "--cov-context=test"]
        command += ["--cov-report=", *(f"--ignore=tests/{each}" for each in sorted(SLOW)), *tests]
        made = self._seconds.with_suffix(".part")
        environment = {**os.environ, plugin.PLACE: str(made)}
        ended = subprocess.run(command, cwd=self.root, env=environment, check=False)
        if ended.returncode not in ENDED:
            raise RuntimeError(f"pytest ended with {ended.returncode}")
        made.replace(self._seconds)

    def tests_of(self, module: Path, line: int) -> set[str]:
        """The tests that run *line* of the relative *module*, or what depends on it.

        The head of a function runs once, when the module is imported: its tests are those of its body. What stands
        outside of functions belongs to all functions of the module.
        """
        names = self._lines(module)
        found: set[str] = set()
        for each in _lines_that_show(self.root / module, line):
            found |= names.get(each, set())
        return found

    @cache  # noqa: B019 - one object for each run
    def lines_of(self, module: Path) -> Mapping[str, int]:
        """How many lines of *module* each test runs."""
        return Counter(test for tests in self._lines(module).values() for test in tests)

    def has_functions(self, module: Path) -> bool:
        return any(_functions(ast.parse((self.root / module).read_text("utf-8"))))

    @cache  # noqa: B019 - one object for each run
    def _lines(self, module: Path) -> Mapping[int, set[str]]:
        data = CoverageData(basename=str(self.data))
        data.read()
        names = data.contexts_by_lineno(str(module))
        return {
            line: {test for each in contexts if (test := _test(each))} for line, contexts in names.items()
        }


def _test(context: str) -> str:
    """The name of the test, from `test|phase`."""
    return context.rpartition("|")[0]


def _lines_that_show(path: Path, line: int) -> Iterable[int]:
    functions = list(_functions(ast.parse(path.read_text("utf-8"))))
    around = [each for each in functions if _first(each) <= line <= _last(each)]
    if not around:
        return [each for function in functions for each in _body(function)]
    inner = max(around, key=_first)
    body = _body(inner)
    # A statement of several lines is noted at its first one.
    return _statement(inner, line) if line in body else body


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _first(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _last(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _body(node: ast.FunctionDef) -> range:
    return range(node.body[0].lineno, _last(node) + 1)


def _statement(function: ast.FunctionDef, line: int) -> Iterable[int]:
    """The lines of the smallest statement that has *line*."""
    inside = (each for each in ast.walk(function) if isinstance(each, ast.stmt) and each is not function)
    smallest = min(
        (each for each in inside if each.lineno <= line <= _last(each)),
        key=lambda each: _last(each) - each.lineno,
    )
    end = smallest.body[0].lineno - 1 if hasattr(smallest, "body") else _last(smallest)
    return range(smallest.lineno, max(end, smallest.lineno) + 1)


def digest_of(root: Path, folders: Iterable[str]) -> str:
    """What the files of *folders* say, in sixteen digits: the same for the same code."""
    found = hashlib.sha256()
    for path in sorted(path for each in folders for path in (root / each).rglob("*.py")):
        found.update(f"{path.relative_to(root)}\0".encode())
        with suppress(OSError):
            found.update(path.read_bytes())
    return found.hexdigest()[:16]
