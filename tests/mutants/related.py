"""Which tests may see a change of a module: by imports, by names of files, and by what the module defines."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

MOST_FILES = 8
# Shorter names are words that any test has.
_LEAST_NAME = 8
FOLDERS = ("app", "models", "views", "tests")
# The kinds of tests that are too slow for this, by folder.
SLOW = frozenset({"browser", "drills", "mutants", "fuzz"})


def module_name(path: Path) -> str:
    """The dotted name of the module in the relative *path*."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(source: str) -> set[str]:
    """The dotted names that *source* imports: modules, and names of modules."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return found


def defined(source: str) -> set[str]:
    """The long names that *source* defines for other modules."""
    nodes = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    return {node.name for node in nodes if not node.name.startswith("_") and len(node.name) >= _LEAST_NAME}


@dataclass(frozen=True)
class Related:
    """The imports of all files under *root*, and the texts of its tests."""

    root: Path

    @cached_property
    def imports(self) -> Mapping[Path, set[str]]:
        files = [path for folder in FOLDERS for path in (self.root / folder).rglob("*.py")]
        return {
            path.relative_to(self.root): imported(path.read_text("utf-8"))
            for path in files
            if "node_modules" not in path.parts
        }

    @cached_property
    def texts(self) -> Mapping[Path, str]:
        return {path: (self.root / path).read_text("utf-8") for path in self.imports if _is_test(path)}

    def tests_of(self, module: Path) -> Sequence[str]:
        """The test files of *module*, the nearest first: at most `MOST_FILES`."""
        near = sorted((-score, path) for path, score in self.scores_of(module).items())
        return [path for _score, path in near[:MOST_FILES]]

    def scores_of(self, module: Path) -> Mapping[str, int]:
        """How near each related test file is to *module*."""
        name = module_name(module)
        users = {module_name(path) for path, names in self.imports.items() if name in names}
        users -= {each for each in users if each.startswith("tests.")}
        naming = self._naming(defined((self.root / module).read_text("utf-8")))
        scores = {path: self._score(path, module, name, users) + 4 * (path in naming) for path in self.texts}
        return {str(path): score for path, score in scores.items() if score}

    def _naming(self, names: Iterable[str]) -> set[Path]:
        """The tests that have one of *names*, where only few do."""
        found = [{path for path, text in self.texts.items() if each in text} for each in names]
        return set().union(*(paths for paths in found if len(paths) <= MOST_FILES))

    def _score(self, test: Path, module: Path, name: str, users: set[str]) -> int:
        """Direct import 8, its name 4, that of its package 3, import of a user of it 2, folder of the same name 1."""
        names = self.imports[test]
        package = module.parent.name
        stem = module.stem if module.stem != "__init__" else package
        is_near = bool(set(test.parts[1:-1]) & set(module.parts))
        is_named = test.stem == f"test_{stem}" or (is_near and stem in test.stem)
        is_of_package = package in test.parts or test.stem.startswith(f"test_{package.removesuffix('s')}")
        score = 8 * (name in names) + 4 * is_named + 3 * is_of_package + 2 * bool(users & names)
        return score + (is_near if score else 0)


def _is_test(path: Path) -> bool:
    return path.parts[0] == "tests" and path.name.startswith("test_") and not SLOW & set(path.parts)
