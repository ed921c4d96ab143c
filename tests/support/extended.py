"""A copy of the panel with the section that `docs/extend.md` describes, and the migration that is generated for it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.live import ROOT

COPIED = (
    "app",
    "models",
    "views",
    "tests",
    "translations",
    "config.py",
    "gunicorn.conf.py",
    "run.py",
    "pyproject.toml",
    "babel.cfg",
)
ALEMBIC = "import sys; from alembic.config import main; [main(each.split()) for each in sys.argv[1:]]"


def examples() -> dict[str, str]:
    """The code of the page, by the file that it stands under."""
    page = (ROOT / "docs/extend.md").read_text("utf-8")
    return dict(
        re.findall(r"`((?:models|views|tests)/[\w/]+\.py)`\.\*\*.*?```python\n(.*?)```", page, re.DOTALL)
    )


def run(folder: Path, *command: str, **environment: str) -> str:
    result = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return result.stdout


def kits() -> dict[str, str]:
    """The section with lines of `tests/support/kits`, by the file that it would be in a panel."""
    source = ROOT / "tests/support/kits"
    section = (source / "section.py").read_text("utf-8").replace("tests.support.kits.model", "models.kit")
    return {
        "models/kit.py": (source / "model.py").read_text("utf-8"),
        "views/organization/kit.py": section,
    }


def extended(folder: Path, url: str, files: dict[str, str] | None = None) -> Path:
    """The whole panel in *folder*, with the documented files in it and their migration against the database at *url*.

    *files* are others than the documented ones.
    """
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            unwanted = shutil.ignore_patterns("node_modules", "__pycache__", "browser", "test_*.py")
            shutil.copytree(source, folder / name, ignore=unwanted)
        else:
            shutil.copy(source, folder / name)
    for name, code in (files or examples()).items():
        (folder / name).write_text(code, "utf-8")
    alembic(folder, url, "upgrade head", "revision --autogenerate -m call_scripts")
    return folder


def alembic(folder: Path, url: str, *commands: str) -> str:
    """Commands of Alembic in the copy, one after the other in one process: each start imports the whole panel."""
    return run(folder, "-c", ALEMBIC, *commands, DATABASE_URL=url, APP_ENV="development")


def migration_of(folder: Path) -> str:
    """The generated migration."""
    [found] = (folder / "models/migrations/versions").glob("*_call_scripts.py")
    return found.read_text("utf-8")
