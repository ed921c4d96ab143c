"""Rules of the house that a linter can't express."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = [
    path
    for folder in ("app", "models", "views")
    for path in (ROOT / folder).rglob("*.py")
    if not {"migrations", "node_modules"} & set(path.parts)
]
# The menu groups, in the order of the side menu; `account` belongs to everybody.
GROUPS = {"day", "sales", "sms", "organization", "oversight", "platform", "reports", "account", "palette"}
# Modules that sections of several groups share, and pages of no group.
SHARED = {
    "consultant_form",
    "customer_overview",
    "customer_sheets",
    "groups",
    "hand_over",
    "health",
    "known_customer",
    "erasing",
    "merging",
    "notifications",
    "report_choices",
    "report_lines",
    "results",
    "sold",
    "task_maker",
    "threads",
    "timelines",
    "undone_acts",
}
# Modules of a folder, its packages counted as one each.
MOST_MODULES, MOST_MODELS = 20, 30

every_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


def test_the_app_package_imports_nothing():
    body = ast.parse((ROOT / "app/__init__.py").read_text()).body

    assert [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)] == []


def test_sections_stand_in_the_folder_of_their_menu_group():
    views = [path.relative_to(ROOT / "views") for path in SOURCES if (ROOT / "views") in path.parents]

    assert {Path(path.parts[0]).stem for path in views} - {"__init__"} == GROUPS | SHARED


@pytest.mark.parametrize("folder", sorted({path.parent for path in SOURCES}), ids=lambda path: path.name)
def test_folders_stay_small(folder):
    modules = [path for path in SOURCES if path.parent == folder and path.name != "__init__.py"]
    most = MOST_MODELS if folder == ROOT / "models" else MOST_MODULES

    assert len(modules) <= most


@every_source
def test_modules_say_in_one_sentence_what_they_are(path):
    tree = ast.parse(path.read_text())

    assert not tree.body or ast.get_docstring(tree)


@every_source
def test_files_and_functions_stay_readable(path):
    text = path.read_text()
    functions = [
        (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert text.count("\n") <= 300
    assert max(functions, default=0) <= 40


@every_source
def test_core_goes_around_the_scope_only_where_it_is_shown_why(path):
    """`unscoped` lifts the row scope: it must be rare, and each use says why on a line above."""
    lines = path.read_text().splitlines()
    uses = [
        number for number, line in enumerate(lines) if re.search(r"unscoped\s*=\s*True|\"unscoped\":", line)
    ]

    assert [number for number in uses if "#" not in "".join(lines[max(0, number - 3) : number + 1])] == []


def test_templates_have_no_inline_style_or_script():
    for path in (ROOT / "app/templates").rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"<[^>]*\sstyle=|<script(?![^>]*\bsrc=)|\son[a-z]+=\"", text), path


def test_style_sheets_know_no_left_and_right():
    """Logical properties turn with the script; physical ones stay where they were."""
    physical = re.compile(r"(?<![-\w])(margin|padding|border|inset)?-?(left|right)\s*:")
    for path in (ROOT / "app/assets/css").glob("*.css"):
        assert not physical.search(path.read_text()), path


@pytest.mark.parametrize("folder", ["views", "app/panel"])
def test_what_answers_requests_reads_through_the_scope_alone(folder):
    """The session limits mapped statements and refuses tables; nothing here lifts that or takes a connection past it."""
    around = {"connection", "get_bind", "exec_driver_sql", "raw_connection", "connect", "begin"}
    found = [
        f"{path.name}:{node.lineno}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in around)
        or (isinstance(node, ast.Constant) and node.value == "unscoped")
    ]

    assert found == []
