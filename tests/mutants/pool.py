"""Judges mutations in several processes, each of which has a copy of the tree of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from cosmic_ray.work_item import MutationSpec

from tests.mutants.choice import Choice
from tests.mutants.covered import Covered
from tests.mutants.related import Related
from tests.mutants.run import Judged, Runner

_runner: Runner


def judge_all(
    mutations: Sequence[MutationSpec], copies: Sequence[Path], notes: Path, *, until: float
) -> Iterator[Judged]:
    """The verdicts in the order of *mutations*, whose paths are relative; those after *until* are left out."""
    context = get_context("spawn")
    free = context.Queue()
    for copy in copies:
        free.put(copy)
    with ProcessPoolExecutor(len(copies), context, _begin, (free, notes)) as pool:
        for judged in pool.map(partial(_judge, until=until), mutations):
            if judged is not None:
                yield judged


def _begin(free: Any, notes: Path) -> None:
    global _runner  # noqa: PLW0603 - the one of this process
    root = free.get()
    os.chdir(root)
    _runner = Runner(Choice(Covered(root, notes), Related(root)))


def _judge(mutation: MutationSpec, until: float) -> Judged | None:
    """The verdict; None when the time is over."""
    return _runner.judge(mutation) if time.monotonic() < until else None
