"""`docs/extend.md` keeps its word: three hand-written files make a section that works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
COPIED = (
    "app",
    "models",
    "views",
    "tests",
    "translations",
    "config.py",
    "run.py",
    "pyproject.toml",
    "babel.cfg",
)
IMPORTS = {
    "models/call_script.py": """
from __future__ import annotations

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, relationship

from models.base import Authored, Row, SoftDelete, Tenant, Versioned, field
from models.product import Product
""",
    "views/call_script.py": """
from flask_babel import lazy_gettext as _

from app.panel.access import Access
from app.panel.menu import MenuGroup
from app.panel.section import Section
from models.call_script import CallScript
""",
}
TEST = '''
"""Call scripts: what is said on the phone."""

from models.call_script import CallScript
from tests.factories import ProductFactory


def test_a_manager_writes_one_and_a_consultant_reads_it(session, login, manager, consultant):
    product = ProductFactory(title="دوره زبان")
    form = {"title": "سلام", "product": product.id, "body": "وقت به‌خیر"}

    assert login(manager).post("/call-scripts/add", data=form).status_code == 302
    assert "دوره زبان" in login(consultant).get("/call-scripts/").text
    assert login(consultant).get("/call-scripts/add").status_code == 403
    assert session.query(CallScript).one().organization_id == manager.organization_id


def test_an_empty_form_is_refused_at_its_fields(login, manager):
    answer = login(manager).post("/call-scripts/add", data={})

    assert answer.status_code == 422
    assert 'id="product-error"' in answer.text
'''


def examples():
    """The code of the page, by the file that it stands under."""
    page = (ROOT / "docs/extend.md").read_text("utf-8")
    return dict(re.findall(r"`((?:models|views)/\w+\.py)`.*?```python\n(.*?)```", page, re.DOTALL))


def run(folder, *command, **environment):
    result = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return result.stdout


def test_the_documented_section_works(tmp_path):
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            unwanted = shutil.ignore_patterns("node_modules", "__pycache__", "browser", "test_*.py")
            shutil.copytree(source, tmp_path / name, ignore=unwanted)
        else:
            shutil.copy(source, tmp_path / name)
    for name, code in examples().items():
        (tmp_path / name).write_text(f'"""Call scripts."""\n{IMPORTS[name]}\n\n{code}', "utf-8")
    (tmp_path / "tests/test_call_script.py").write_text(TEST, "utf-8")
    database = {"DATABASE_URL": f"sqlite:///{tmp_path}/extend.db", "APP_ENV": "development"}

    run(tmp_path, "alembic", "upgrade", "head", **database)
    run(tmp_path, "alembic", "revision", "--autogenerate", "-m", "call scripts", **database)
    told = run(tmp_path, "pytest", "tests/test_call_script.py", "-p", "no:cacheprovider")

    assert len(examples()) == 2
    assert "2 passed" in told
