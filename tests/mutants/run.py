"""Runs the tests that are related to a mutation, with it and once without any."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto
from pathlib import Path

from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.testing import run_tests
from cosmic_ray.work_item import MutationSpec, TestOutcome

from tests.mutants.related import Related

_LONGEST, _SLACK, _TIMES = 600.0, 30.0, 4.0


class Verdict(StrEnum):
    KILLED = auto()
    SURVIVED = auto()
    # No test is related, or the related tests fail without a mutation.
    UNTESTED = auto()


@dataclass(frozen=True)
class Judged:
    mutation: MutationSpec
    verdict: Verdict
    diff: str
    tests: Sequence[str]


@dataclass
class Runner:
    """Judges mutations in the copy at *root*; its tests run with this folder as the current one."""

    root: Path
    related: Related
    _times: dict[str, float | None] = field(default_factory=dict)

    def judge(self, mutation: MutationSpec) -> Judged:
        tests = self.related.tests_of(Path(mutation.module_path).relative_to(self.root))
        command = shlex.join([sys.executable, "-m", "pytest", "-x", "-q", "--database", "sqlite", *tests])
        normal = self._time(command) if tests else None
        if normal is None:
            return Judged(mutation, Verdict.UNTESTED, "", tests)
        result = mutate_and_test([mutation], command, _SLACK + _TIMES * normal)
        is_killed = result.test_outcome is not TestOutcome.SURVIVED
        return Judged(mutation, Verdict.KILLED if is_killed else Verdict.SURVIVED, result.diff or "", tests)

    def _time(self, command: str) -> float | None:
        """The seconds that *command* takes without a mutation; None when it fails."""
        if command not in self._times:
            began = time.monotonic()
            outcome, _output = run_tests(command, _LONGEST)
            is_passed = outcome is TestOutcome.SURVIVED
            self._times[command] = time.monotonic() - began if is_passed else None
        return self._times[command]
