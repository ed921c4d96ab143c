"""Runs the tests of a mutation with it, and at the end without any those that have killed one."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from pathlib import Path

from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_item import MutationSpec, TestOutcome

from tests.mutants.choice import Choice
from tests.mutants.covered import ENDED

# The slowest start of the application, and how much slower than before tests may be.
_START, _TIMES = 60.0, 4.0
_COMMAND = [sys.executable, "-m", "pytest", "-q", "-rfE", "--database", "sqlite", "-p", "no:cacheprovider"]
_FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/.+?\.py::.+?)(?: - |$)", re.MULTILINE)


class Verdict(StrEnum):
    KILLED = auto()
    SURVIVED = auto()
    # No test runs the line, or those that failed do so without the mutation as well.
    UNTESTED = auto()


@dataclass(frozen=True)
class Judged:
    """*failed*: the tests that killed the mutation; none where pytest did not come that far."""

    mutation: MutationSpec
    verdict: Verdict
    diff: str
    tests: Sequence[str]
    failed: Sequence[str] = ()


@dataclass(frozen=True)
class Runner:
    """Judges mutations in the copy that is the current folder; their paths are relative to it."""

    choice: Choice

    def judge(self, mutation: MutationSpec) -> Judged:
        tests = self.choice.tests_of(mutation.module_path, mutation.start_pos[0])
        if not tests:
            return Judged(mutation, Verdict.UNTESTED, "", tests)
        longest = _START + _TIMES * self.choice.seconds_of(tests)
        result = mutate_and_test([mutation], shlex.join([*_COMMAND, "-x", *tests]), longest)
        is_killed = result.test_outcome is not TestOutcome.SURVIVED
        failed = _FAILED.findall(result.output or "") if is_killed else []
        verdict = Verdict.KILLED if is_killed else Verdict.SURVIVED
        return Judged(mutation, verdict, result.diff or "", tests, failed)


def without_false_kills(judged: Iterable[Judged], root: Path, *, jobs: int) -> list[Judged]:
    """*judged*, where a kill by tests that fail in *root* without a mutation as well does not count.

    Where pytest named no test, all tests of the mutation are looked at. Raises `RuntimeError` when pytest could not run.
    """
    found = list(judged)
    killers = sorted({test for each in found for test in _killers(each)})
    if not killers:
        return found
    command = [*_COMMAND, "-n", str(jobs), *killers]
    ended = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    if ended.returncode not in ENDED:
        raise RuntimeError(f"pytest ended with {ended.returncode}: {ended.stderr}")
    failing = set(_FAILED.findall(ended.stdout))
    return [
        replace(each, verdict=Verdict.UNTESTED) if failing.intersection(_killers(each)) else each
        for each in found
    ]


def _killers(judged: Judged) -> Sequence[str]:
    return (judged.failed or judged.tests) if judged.verdict is Verdict.KILLED else ()
