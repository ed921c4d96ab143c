"""S20: what a new machine lacks (system PostgreSQL, Chromium, settings, a locale) stops neither run nor test."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.support import chromium, databases
from tests.support.live import ROOT

SERVER = """
import warnings
from pathlib import Path
from sqlalchemy import create_engine, text
from tests.support import databases
databases.system_binaries = lambda: None
warnings.simplefilter("error")
with databases.postgres_server() as url:
    engine = create_engine(url)
    with engine.connect() as connection:
        print(connection.scalar(text("SHOW server_encoding")), "سلام".encode())
    engine.dispose()
"""
CATALOGUE = """
import warnings
warnings.simplefilter("error")
from app.supervisor import _say
_say("آوا آماده است")
"""


def run(program: str, home: Path) -> str:
    """What *program* prints in an environment that has nothing but a path and a home."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": os.defpath, "HOME": str(home), "LANG": "C", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


class TestS20AFreshMachine:
    @pytest.mark.processes
    def test_starts_the_packaged_postgresql_without_a_warning(self, tmp_path):
        assert run(SERVER, tmp_path).startswith("UTF8")

    def test_prints_persian_in_the_c_locale(self, tmp_path):
        assert "آوا آماده است" in run(CATALOGUE, tmp_path)

    def test_prefers_the_postgresql_of_the_system(self, monkeypatch, tmp_path):
        used = []
        monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
        monkeypatch.setattr(databases, "system_binaries", lambda: tmp_path / "bin")
        monkeypatch.setattr(databases, "Cluster", lambda binaries: used.append(binaries) or _Cluster())

        with databases.postgres_server() as url:
            assert url == "postgresql://"

        assert used == [tmp_path / "bin"]

    @pytest.mark.parametrize("of_the_system", [None, "/usr/bin/chromium"])
    def test_prefers_the_packaged_chromium(self, monkeypatch, tmp_path, of_the_system):
        monkeypatch.delenv("CHROMIUM", raising=False)
        monkeypatch.setattr(chromium.shutil, "which", lambda _name: of_the_system)
        monkeypatch.setattr(chromium, "UNPACKED", tmp_path)
        missing = chromium.find_chromium()
        (tmp_path / "chromium").touch()

        assert missing == of_the_system
        assert chromium.find_chromium() == str(tmp_path / "chromium")
        assert chromium.chromium_environment()["LD_LIBRARY_PATH"] == str(tmp_path / "lib")

    def test_starts_the_chromium_of_the_system_with_the_systems_libraries(self, monkeypatch, tmp_path):
        monkeypatch.setenv("CHROMIUM", "/usr/bin/chromium")
        monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
        monkeypatch.setattr(chromium, "UNPACKED", tmp_path)

        assert "LD_LIBRARY_PATH" not in chromium.chromium_environment()

    @pytest.mark.parametrize("of_the_system", [None, "/usr/bin/chromium"])
    def test_uses_the_chromium_of_the_system_only_where_npm_fails(self, monkeypatch, tmp_path, of_the_system):
        monkeypatch.delenv("CHROMIUM", raising=False)
        monkeypatch.setattr(chromium.shutil, "which", lambda _name: of_the_system)
        monkeypatch.setattr(chromium, "UNPACKED", tmp_path)
        monkeypatch.setattr(chromium.subprocess, "run", _fail)
        refused = nullcontext() if of_the_system else pytest.raises(OSError)

        with refused:
            chromium.install_chromium()

        assert chromium.find_chromium() == of_the_system


def _fail(*_args, **_options):
    raise OSError("no npm")


class _Cluster:
    url = "postgresql://"

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def remove(self) -> None: ...
