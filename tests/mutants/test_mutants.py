"""The mutation tester itself: what it changes, where, and which tests it asks."""

from __future__ import annotations

import math
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants import plugin
from tests.mutants.__main__ import summary, written
from tests.mutants.choice import Choice
from tests.mutants.covered import Covered, digest_of
from tests.mutants.pool import judge_all
from tests.mutants.related import Related, imported, module_name
from tests.mutants.run import Judged, Runner, Verdict, without_false_kills
from tests.mutants.sample import mutations_of, sample
from tests.mutants.tree import copy_tree

SOURCE = '''"""A module."""

from __future__ import annotations


def larger(one: int | None, other: "متن" | int) -> int | None:
    return one if one > other else other


def seldom() -> int:
    return 2
'''
SEVERAL = '''"""Two functions with a constant."""

MOST = 3


def one(number=7):
    if number == MOST:
        return -1
    return sum([
        number,
        MOST,
    ])


class Several:
    def two(self):
        return MOST


def no_test():
    return 0
'''
SEVERAL_TESTS = """from app.several import Several, one


def test_one():
    assert one() == 10


def test_two():
    assert Several().two() == 3
"""
NAMES_TEST = "from app.names import LIMIT\n\n\ndef test_it():\n    assert LIMIT == 4\n"
GOOD_TEST = "tests/app/test_rules.py::test_it"
GOOD = "from app.rules import larger\n\n\ndef test_it():\n    assert (larger(1, 2), larger(2, 1)) == (2, 2)\n"


FILES = {
    "app/rules.py": SOURCE,
    "app/user.py": "from app import rules\n",
    "tests/app/test_rules.py": GOOD,
    "tests/app/test_user.py": "from app.user import rules\n",
    "tests/other/test_else.py": "import json\n",
    "conftest.py": "def pytest_addoption(parser):\n    parser.addoption('--database')\n",
}
MORE = {
    "app/several.py": SEVERAL,
    "app/names.py": "LIMIT = 4\n",
    "tests/app/test_several.py": SEVERAL_TESTS,
    "tests/app/test_names.py": NAMES_TEST,
    "tests/mutants/plugin.py": Path(plugin.__file__).read_text("utf-8"),
}


def write(files, root):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


@pytest.fixture
def project(tmp_path):
    """A module with a test that sees most of its changes, and the test of another module."""
    write(FILES, tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def noted(tmp_path_factory) -> Path:
    """A project whose tests have run once."""
    root = tmp_path_factory.mktemp("noted")
    write(FILES | MORE, root)
    covered = Covered(root, root / "notes")
    assert not covered.is_made()
    covered.make(["app"], jobs=2)
    assert covered.is_made()
    return root


def test_imports_and_names_of_modules():
    assert imported("import a.b\nfrom c import d as e\nfrom . import f") == {"a.b", "c", "c.d"}
    assert module_name(Path("app/rules.py")) == "app.rules"
    assert module_name(Path("app/rules/__init__.py")) == "app.rules"


def test_related_tests_import_the_module_or_one_that_uses_it(project):
    found = Related(project).tests_of(Path("app/rules.py"))

    assert found == ["tests/app/test_rules.py", "tests/app/test_user.py"]


def test_names_of_the_module_and_its_package_come_before_its_users(project):
    sources = {
        "app/panel/filters/parsing.py": "def read_filters():\n    ...\n\n\ndef _unseen_word():\n    ...\n",
        "app/user.py": "from app.panel.filters import parsing\n",
        "tests/panel/test_filter_limits.py": "",
        "tests/day/test_words.py": "# read_filters\n",
        "tests/day/test_others.py": "# _unseen_word\n",
    }
    write(sources, project)

    found = Related(project).tests_of(Path("app/panel/filters/parsing.py"))

    assert found == ["tests/day/test_words.py", "tests/panel/test_filter_limits.py", "tests/app/test_user.py"]


def test_annotations_are_not_changed_and_a_seed_chooses_the_same(project, monkeypatch):
    monkeypatch.chdir(project)
    found = mutations_of([Path("app/rules.py")])

    assert {each.start_pos[0] for each in found} == {7, 11}
    assert sample(found, count=3, seed=1) == sample(list(reversed(found)), count=3, seed=1)
    assert len(sample(found, count=3, seed=1)) == 3
    assert sample(found, count=3, seed=1) != sample(found, count=3, seed=2)
    assert len(sample(found, count=10_000, seed=1)) == len(found)


class TestJudging:
    """Of a project whose tests have run once, with notes of the lines that each ran."""

    @pytest.fixture
    def runner(self, noted, tmp_path, monkeypatch) -> Runner:
        shutil.copytree(noted, tmp_path, dirs_exist_ok=True)
        monkeypatch.chdir(tmp_path)
        return Runner(Choice(Covered(tmp_path, tmp_path / "notes"), Related(tmp_path)))

    def test_a_seen_change_is_killed_an_unseen_one_survives_and_a_line_without_test_counts_not(
        self, runner, tmp_path
    ):
        found = mutations_of([Path("app/rules.py")])
        seen = next(each for each in found if each.operator_name.endswith("_Gt_Lt"))
        same = next(each for each in found if each.operator_name.endswith("_Gt_GtE"))
        unrun = next(each for each in found if each.start_pos[0] == 11)

        judged = [runner.judge(each) for each in (seen, same, unrun)]

        assert [each.verdict for each in judged] == [Verdict.KILLED, Verdict.SURVIVED, Verdict.UNTESTED]
        assert [each.tests for each in judged] == [[GOOD_TEST], [GOOD_TEST], []]
        assert [list(each.failed) for each in judged] == [[GOOD_TEST], [], []]
        assert (tmp_path / "app/rules.py").read_text("utf-8") == SOURCE
        assert summary(judged) == "Score 50.0 %: 1 killed, 1 survived, 1 untested."
        report = written(judged)
        assert "survived app/rules.py:7" in report
        assert "killed app" not in report

    def test_two_processes_judge_in_copies_of_their_own(self, runner, tmp_path, tmp_path_factory):
        second = tmp_path_factory.mktemp("second")
        shutil.copytree(tmp_path, second, dirs_exist_ok=True)
        found = [each for each in mutations_of([Path("app/rules.py")]) if "_Gt_" in each.operator_name][:4]
        copies, notes = [tmp_path, second], runner.choice.covered.notes

        judged = list(judge_all(found, copies, notes, until=math.inf))

        assert [each.mutation for each in judged] == found
        assert [each.verdict for each in judged] == [runner.judge(each).verdict for each in found]
        assert Verdict.KILLED in {each.verdict for each in judged}
        assert list(judge_all(found, copies, notes, until=0)) == []

    def test_a_test_that_fails_by_itself_is_not_chosen_and_kills_nothing(self, runner, tmp_path):
        tests = tmp_path / "tests/app/test_rules.py"
        covered = runner.choice.covered
        [mutation, *_more] = mutations_of([Path("app/rules.py")])
        tests.write_text(GOOD.replace("(2, 2)", "(3, 3)"), "utf-8")

        judged = runner.judge(mutation)
        [after] = without_false_kills([judged], tmp_path, jobs=1)
        covered.make(["app"], jobs=1)

        assert (judged.verdict, after.verdict) == (Verdict.KILLED, Verdict.UNTESTED)
        assert GOOD_TEST not in covered.seconds()

    def test_a_kill_without_a_named_test_is_checked_by_all_its_tests(self, runner, tmp_path):
        [mutation, *_more] = mutations_of([Path("app/rules.py")])
        killed = Judged(mutation, Verdict.KILLED, "", [GOOD_TEST])
        [sound] = without_false_kills([killed], tmp_path, jobs=1)
        (tmp_path / "tests/app/test_rules.py").write_text(GOOD.replace("(2, 2)", "(3, 3)"), "utf-8")

        [broken] = without_false_kills([killed], tmp_path, jobs=1)

        assert (sound.verdict, broken.verdict) == (Verdict.KILLED, Verdict.UNTESTED)
        with pytest.raises(RuntimeError, match="not found"):
            without_false_kills([replace(killed, tests=[f"{GOOD_TEST}_gone"])], tmp_path, jobs=0)

    def test_a_kill_by_a_sound_test_stays(self, runner, tmp_path):
        seen = next(
            each for each in mutations_of([Path("app/rules.py")]) if each.operator_name.endswith("_Gt_Lt")
        )

        [after] = without_false_kills([runner.judge(seen)], tmp_path, jobs=1)

        assert after.verdict is Verdict.KILLED

    def test_the_head_of_a_function_has_the_tests_of_its_body_and_a_constant_those_of_all_functions(
        self, runner, tmp_path
    ):
        covered, module = runner.choice.covered, Path("app/several.py")

        def tests_of(line):
            return {name.rpartition("::")[2] for name in covered.tests_of(module, line)}

        lines = {line: number for number, line in enumerate(SEVERAL.splitlines(), 1)}
        assert tests_of(lines["MOST = 3"]) == {"test_one", "test_two"}
        assert tests_of(lines["def one(number=7):"]) == {"test_one"}
        assert tests_of(lines["        number,"]) == {"test_one"}
        assert tests_of(lines["        return MOST"]) == {"test_two"}
        assert tests_of(lines["    return 0"]) == set()

    def test_a_module_of_declarations_has_the_tests_that_are_related_by_name(self, runner):
        assert runner.choice.tests_of(Path("app/names.py"), 1)[0] == "tests/app/test_names.py::test_it"

    def test_the_test_that_runs_most_of_a_module_comes_first(self, runner):
        covered = runner.choice.covered
        lines = covered.lines_of(Path("app/several.py"))
        most = [lines[f"tests/app/test_several.py::{name}"] for name in ("test_one", "test_two")]

        assert most == sorted(most, reverse=True)
        assert runner.choice.tests_of(Path("app/several.py"), 3) == [
            "tests/app/test_several.py::test_one",
            "tests/app/test_several.py::test_two",
        ]

    def test_pytest_that_can_not_run_is_an_error(self, runner, tmp_path):
        (tmp_path / "conftest.py").write_text("import missing_module\n", "utf-8")

        with pytest.raises(RuntimeError, match="pytest ended with"):
            runner.choice.covered.make(["app"], jobs=1)


def test_the_copy_has_what_git_tracks_as_it_is_now(project, tmp_path_factory):
    target = tmp_path_factory.mktemp("copy") / "tree"
    for command in (["git", "init", "-q"], ["git", "add", "app"]):
        subprocess.run(command, cwd=project, check=True)
    (project / "app/rules.py").write_text("changed = 1\n", "utf-8")
    (target / "old").mkdir(parents=True)

    copy_tree(project, target)

    files = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert files == {"app/rules.py", "app/user.py"}
    assert (target / "app/rules.py").read_text("utf-8") == "changed = 1\n"
    assert not (target / "old").exists()


def test_a_judged_mutation_names_its_tests(project, monkeypatch):
    monkeypatch.chdir(project)
    [mutation, *_more] = mutations_of([Path("app/rules.py")])

    assert "tests/a.py" in written([Judged(mutation, Verdict.SURVIVED, "-x", ["tests/a.py"])])


def test_the_digest_is_that_of_the_code(project):
    before = digest_of(project, ["app", "tests"])
    (project / "notes.txt").write_text("other", "utf-8")
    assert digest_of(project, ["app", "tests"]) == before

    (project / "app/rules.py").write_text(SOURCE.replace("one >", "one <"), "utf-8")

    assert digest_of(project, ["app", "tests"]) != before
