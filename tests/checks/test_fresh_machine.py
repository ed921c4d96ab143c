"""S20: what a new machine lacks (system PostgreSQL, Chromium, settings, a locale) stops neither run nor test."""

from __future__ import annotations

import os
import subprocess
import sys
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

    def test_finds_a_packaged_chromium_where_the_system_has_none(self, monkeypatch, tmp_path):
        monkeypatch.delenv("CHROMIUM", raising=False)
        monkeypatch.setattr(chromium.shutil, "which", lambda _name: None)
        monkeypatch.setattr(chromium, "UNPACKED", tmp_path)
        missing = chromium.find_chromium()
        (tmp_path / "chromium").touch()

        assert missing is None
        assert chromium.find_chromium() == str(tmp_path / "chromium")
        assert chromium.chromium_environment()["LD_LIBRARY_PATH"] == str(tmp_path / "lib")

    def test_starts_the_chromium_of_the_system_with_the_systems_libraries(self, monkeypatch, tmp_path):
        monkeypatch.setenv("CHROMIUM", "/usr/bin/chromium")
        monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
        monkeypatch.setattr(chromium, "UNPACKED", tmp_path)

        assert "LD_LIBRARY_PATH" not in chromium.chromium_environment()


class _Cluster:
    url = "postgresql://"

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def remove(self) -> None: ...
