"""The documents name only files and symbols that exist."""

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
FOLDERS = ("app/", "bench/", "docs/", "models/", "tests/", "translations/", "views/")
# The files of the example of docs/extend.md, which its reader writes.
EXAMPLE = {
    "models/call_script.py",
    "tests/organization/test_call_script.py",
    "views/organization/call_script.py",
}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@every_page
def test_names_existing_paths(page):
    text = page.read_text("utf-8")
    named = {
        path.partition("::")[0] for path in re.findall(r"`([\w./-]+)`", text) if path.startswith(FOLDERS)
    }

    assert {path for path in named - EXAMPLE if not (ROOT / path).exists()} == set()


@every_page
def test_links_to_existing_files(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_guide_imports_existing_names():
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/extend.md").read_text("utf-8"), re.DOTALL)
    imports = [
        node for block in blocks for node in ast.walk(ast.parse(block)) if isinstance(node, ast.ImportFrom)
    ]
    named = [(node.module, alias.name) for node in imports for alias in node.names if node.module]
    known = [(module, name) for module, name in named if module != "models.call_script"]

    assert [pair for pair in known if not hasattr(importlib.import_module(pair[0]), pair[1])] == []


def test_the_map_explains_every_word_of_a_declaration():
    page = (ROOT / "docs/map.md").read_text("utf-8")
    body = ast.parse((ROOT / "app/panel/words/words.py").read_text("utf-8")).body
    words = {
        node.target.id
        for cls in body
        if isinstance(cls, ast.ClassDef) and cls.name == "Words"
        for node in cls.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }

    assert {word for word in words if f"`{word}`" not in page} == set()
