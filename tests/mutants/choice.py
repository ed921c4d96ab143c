"""Which tests a mutation meets: those that run its line, the nearest first, as many as fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from tests.mutants.covered import Covered
from tests.mutants.related import Related

MOST_TESTS, MOST_SECONDS = 80, 20.0
# A direct import, see `Related`.
_NEAR = 8
# How many tests of a file come before the next file has its turn.
_OF_NEAR, _OF_OTHERS = 12, 2


@dataclass(frozen=True)
class Choice:
    covered: Covered
    related: Related

    @cached_property
    def _seconds(self) -> Mapping[str, float]:
        return self.covered.seconds()

    def tests_of(self, module: Path, line: int) -> Sequence[str]:
        """The tests that *line* of the relative *module* has to pass; none when no test runs it."""
        scores = self._scores(module)
        names = self.covered.tests_of(module, line) & self._seconds.keys()
        if not names and not self.covered.has_functions(module):
            # Declarations alone: those who read them are found by name.
            near = set(self.related.tests_of(module))
            names = {name for name in self._seconds if _file(name) in near}
        return self._fitting(self._in_turn(names, scores, self.covered.lines_of(module)))

    def seconds_of(self, tests: Iterable[str]) -> float:
        """How long *tests* took together without a mutation."""
        return sum(self._seconds[each] for each in tests)

    @cache  # noqa: B019 - one object for each run
    def _scores(self, module: Path) -> Mapping[str, int]:
        return self.related.scores_of(module)

    def _in_turn(
        self, names: Iterable[str], scores: Mapping[str, int], lines: Mapping[str, int]
    ) -> Sequence[str]:
        """The tests that run most of the module first, and some of each file before the others of the nearest."""
        files = defaultdict[str, list[str]](list)
        for name in sorted(names, key=lambda each: (-lines.get(each, 0), self._seconds[each], each)):
            files[_file(name)].append(name)
        turns = []
        for path, tests in files.items():
            score = scores.get(path, 0)
            size = _OF_NEAR if score >= _NEAR else _OF_OTHERS
            for number, name in enumerate(tests):
                turns.append((number // size, -score, -lines.get(name, 0), path, number, name))
        return [turn[-1] for turn in sorted(turns)]

    def _fitting(self, names: Sequence[str]) -> Sequence[str]:
        """The first of *names*, at least one, until the time or the count is reached."""
        chosen, left = list[str](), MOST_SECONDS
        for name in names[:MOST_TESTS]:
            if chosen and self._seconds[name] > left:
                continue
            chosen.append(name)
            left -= self._seconds[name]
        return chosen


def _file(test: str) -> str:
    return test.partition("::")[0]
