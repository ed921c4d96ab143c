"""Samples mutations and writes which of them no test sees: `python -m tests.mutants`; see docs/testing.md."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path

from tests.mutants.related import Related
from tests.mutants.run import Judged, Runner, Verdict
from tests.mutants.sample import mutations_of, sample
from tests.mutants.tree import copy_tree

FOLDERS = ("app/services", "models/tenancy", "app/panel/filters", "app/panel/queries")
ROOT = Path(__file__).parents[2]


def main() -> int:
    """Judge the sample and write the report; the settings are SEED, COUNT, SECONDS and ONLY of the environment."""
    seed, count = int(os.environ.get("SEED") or 1), int(os.environ.get("COUNT") or 300)
    seconds = float(os.environ.get("SECONDS_LIMIT") or "inf")
    copy, report = ROOT / "var/mutants/tree", ROOT / f"var/mutants/report-{seed}-{count}.txt"
    copy_tree(ROOT, copy)
    os.chdir(copy)
    folders = (os.environ.get("ONLY") or " ".join(FOLDERS)).split()
    modules = sorted(path.relative_to(copy) for each in folders for path in _modules(copy / each))
    chosen = sample(mutations_of(copy, modules), count=count, seed=seed)
    runner, until, judged = Runner(copy, Related(copy)), time.monotonic() + seconds, list[Judged]()
    for mutation in chosen:
        if time.monotonic() > until:
            break
        judged.append(runner.judge(mutation))
        sys.stdout.write(f"{len(judged)}/{len(chosen)} {_line(judged[-1], copy)}\n")
        sys.stdout.flush()
    report.write_text(written(judged, copy), "utf-8")
    sys.stdout.write(f"{summary(judged)}\n{report}\n")
    return 0


def _modules(place: Path) -> list[Path]:
    return [place] if place.suffix == ".py" else list(place.rglob("*.py"))


def summary(judged: list[Judged]) -> str:
    """The score: killed of those that tests could see."""
    counts = Counter(each.verdict for each in judged)
    seen = counts[Verdict.KILLED] + counts[Verdict.SURVIVED]
    share = f"{100 * counts[Verdict.KILLED] / seen:.1f} %" if seen else "none"
    named = ", ".join(f"{counts[each]} {each}" for each in Verdict)
    return f"Score {share}: {named}."


def written(judged: list[Judged], copy: Path) -> str:
    """The report: the score, then each survivor with its change and the tests that did not see it."""
    open_ones = (each for each in judged if each.verdict is not Verdict.KILLED)
    parts = (f"{_line(each, copy)}\n{' '.join(each.tests)}\n{each.diff}" for each in open_ones)
    return "\n\n".join([summary(judged), *parts]) + "\n"


def _line(each: Judged, copy: Path) -> str:
    mutation = each.mutation
    place = Path(mutation.module_path).relative_to(copy)
    return f"{each.verdict} {place}:{mutation.start_pos[0]} {mutation.operator_name}"


if __name__ == "__main__":
    sys.exit(main())
