"""The mutation tester itself: what it changes, where, and which tests it asks."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.mutants.__main__ import summary, written
from tests.mutants.related import Related, imported, module_name
from tests.mutants.run import Judged, Runner, Verdict
from tests.mutants.sample import mutations_of, sample
from tests.mutants.tree import copy_tree

SOURCE = '''"""A module."""

from __future__ import annotations


def larger(one: int | None, other: "متن" | int) -> int | None:
    return one if one > other else other


def seldom() -> int:
    return 2
'''
GOOD = "from app.rules import larger\n\n\ndef test_it():\n    assert (larger(1, 2), larger(2, 1)) == (2, 2)\n"


@pytest.fixture
def project(tmp_path):
    """A module with a test that sees most of its changes, and the test of another module."""
    files = {
        "app/rules.py": SOURCE,
        "app/user.py": "from app import rules\n",
        "tests/app/test_rules.py": GOOD,
        "tests/app/test_user.py": "from app.user import rules\n",
        "tests/other/test_else.py": "import json\n",
        "conftest.py": "def pytest_addoption(parser):\n    parser.addoption('--database')\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


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
    for name, text in sources.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, "utf-8")

    found = Related(project).tests_of(Path("app/panel/filters/parsing.py"))

    assert found == ["tests/day/test_words.py", "tests/panel/test_filter_limits.py", "tests/app/test_user.py"]


def test_annotations_are_not_changed_and_a_seed_chooses_the_same(project):
    found = mutations_of(project, [Path("app/rules.py")])

    assert {each.start_pos[0] for each in found} == {7, 11}
    assert sample(found, count=3, seed=1) == sample(list(reversed(found)), count=3, seed=1)
    assert len(sample(found, count=3, seed=1)) == 3
    assert sample(found, count=3, seed=1) != sample(found, count=3, seed=2)
    assert len(sample(found, count=10_000, seed=1)) == len(found)


def test_a_seen_change_is_killed_and_an_unseen_one_survives(project, monkeypatch):
    monkeypatch.chdir(project)
    runner = Runner(project, Related(project))
    found = mutations_of(project, [Path("app/rules.py")])
    seen = next(each for each in found if each.operator_name.endswith("_Gt_Lt"))
    unseen = next(each for each in found if each.start_pos[0] == 11)

    judged = [runner.judge(seen), runner.judge(unseen)]

    assert [each.verdict for each in judged] == [Verdict.KILLED, Verdict.SURVIVED]
    assert (project / "app/rules.py").read_text("utf-8") == SOURCE
    assert summary(judged) == "Score 50.0 %: 1 killed, 1 survived, 0 untested."
    report = written(judged, project)
    assert "survived app/rules.py:11" in report
    assert "killed app" not in report


def test_tests_that_fail_by_themselves_kill_nothing(project, monkeypatch):
    monkeypatch.chdir(project)
    (project / "tests/app/test_rules.py").write_text(GOOD.replace("(2, 2)", "(3, 3)"), "utf-8")
    [mutation, *_more] = mutations_of(project, [Path("app/rules.py")])

    judged = Runner(project, Related(project)).judge(mutation)

    assert judged.verdict is Verdict.UNTESTED
    assert summary([judged]).startswith("Score none")


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


def test_a_judged_mutation_names_its_tests(project):
    [mutation, *_more] = mutations_of(project, [Path("app/rules.py")])

    assert "tests/a.py" in written([Judged(mutation, Verdict.SURVIVED, "-x", ["tests/a.py"])], project)
