"""A copy of the tracked files in which modules are changed; the working tree is never touched."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

# Files that a build makes and git does not have.
_BUILT = ("app/static", "translations/fa/LC_MESSAGES/messages.mo")


def copy_tree(source: Path, target: Path) -> None:
    """Replace *target* by the tracked files of *source* as they are now, and by what was built from them."""
    shutil.rmtree(target, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=source, check=True, capture_output=True)
    for name in listed.stdout.decode().split("\0"):
        if name and (source / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)
    for name in _BUILT:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, dirs_exist_ok=True)
        elif (source / name).exists():
            shutil.copy2(source / name, target / name)
