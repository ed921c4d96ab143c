"""Samples mutations and writes which of them no test sees: `python -m tests.mutants`; see docs/testing.md."""

from __future__ import annotations

import compileall
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode

from cosmic_ray.work_item import MutationSpec

from tests.mutants.covered import Covered, digest_of
from tests.mutants.pool import judge_all
from tests.mutants.related import FOLDERS as CODE
from tests.mutants.run import Judged, Verdict, without_false_kills
from tests.mutants.sample import mutations_of, sample
from tests.mutants.tree import copy_tree

FOLDERS = ("app/services", "models/tenancy", "app/panel/filters", "app/panel/queries")
# Which rows a demo has is drawn: other ones are as good.
LEFT_OUT = Path("app/services/demo")
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Settings:
    """What the environment asks for: SEED, COUNT, ONLY, JOBS, SECONDS_LIMIT, NOTES."""

    seed: int
    count: int
    folders: Sequence[str]
    jobs: int
    seconds: float
    notes: Path

    @classmethod
    def read(cls, copy: Path) -> Settings:
        env = os.environ
        made = ROOT / f"var/mutants/notes-{digest_of(copy, CODE)}"
        return cls(
            int(env.get("SEED") or 1),
            int(env.get("COUNT") or 300),
            (env.get("ONLY") or " ".join(FOLDERS)).split(),
            int(env.get("JOBS") or 2),
            float(env.get("SECONDS_LIMIT") or "inf"),
            Path(env["NOTES"]).absolute() if env.get("NOTES") else made,
        )


def main() -> int:
    """Judge the sample and write the report."""
    began, copies = time.monotonic(), ROOT / "var/mutants"
    first = copies / "tree-0"
    copy_tree(ROOT, first)
    settings = Settings.read(first)
    compileall.compile_dir(first, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
    covered = Covered(first, settings.notes)
    if not covered.is_made():
        covered.make(FOLDERS, jobs=settings.jobs)
    trees = [first, *(_copied(first, copies / f"tree-{number}") for number in range(1, settings.jobs))]
    report = copies / f"report-{settings.seed}-{settings.count}.txt"
    judged = list[Judged]()
    for each in judge_all(_sampled(settings, first), trees, settings.notes, until=began + settings.seconds):
        judged.append(each)
        sys.stdout.write(f"{len(judged)} {_line(each)}\n")
        sys.stdout.flush()
        # After each, so that a run that is ended early leaves what it has found.
        report.write_text(written(judged), "utf-8")
    judged = without_false_kills(judged, first, jobs=settings.jobs)
    report.write_text(written(judged), "utf-8")
    sys.stdout.write(f"{summary(judged)}\n{report}\n")
    return 0


def _copied(tree: Path, target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    return shutil.copytree(tree, target)


def _sampled(settings: Settings, copy: Path) -> list[MutationSpec]:
    """The mutations, with paths that are relative to *copy*, which becomes the current folder."""
    os.chdir(copy)
    found = (path for each in settings.folders for path in _modules(Path(each)))
    modules = sorted(path for path in found if LEFT_OUT not in path.parents)
    return sample(mutations_of(modules), count=settings.count, seed=settings.seed)


def _modules(place: Path) -> list[Path]:
    return [place] if place.suffix == ".py" else list(place.rglob("*.py"))


def summary(judged: Sequence[Judged]) -> str:
    """The score: killed of those that tests could see."""
    counts = Counter(each.verdict for each in judged)
    seen = counts[Verdict.KILLED] + counts[Verdict.SURVIVED]
    share = f"{100 * counts[Verdict.KILLED] / seen:.1f} %" if seen else "none"
    named = ", ".join(f"{counts[each]} {each}" for each in Verdict)
    return f"Score {share}: {named}."


def written(judged: Sequence[Judged]) -> str:
    """The report: the score, then each survivor with its change and the tests that did not see it."""
    open_ones = (each for each in judged if each.verdict is not Verdict.KILLED)
    parts = (f"{_line(each)}\n{' '.join(each.tests)}\n{each.diff}" for each in open_ones)
    return "\n\n".join([summary(judged), *parts]) + "\n"


def _line(each: Judged) -> str:
    mutation = each.mutation
    return f"{each.verdict} {mutation.module_path}:{mutation.start_pos[0]} {mutation.operator_name}"


if __name__ == "__main__":
    sys.exit(main())
