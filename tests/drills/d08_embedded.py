"""D-08: SQLite; the web server and the only worker are killed repeatedly, and the database files are checked."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from os import environ
from pathlib import Path

from tests.drills.drill_run import DrillRun
from tests.drills.processes import Process, pause, wait_for
from tests.drills.result import DrillChecks

MESSAGES, KILLS = 3000, 12


def run(drill: DrillRun, checks: DrillChecks) -> None:
    keys = drill.customers(MESSAGES)
    drill.sandbox.control(preset="drill", hold=1, slow=0.1)
    worker, web = drill.workers[0], _web(drill)
    worker.command += ["-B", "-s", str(drill.folder / "schedule")]
    drill.send(keys)
    dice = random.Random(7)
    for number in range(KILLS):
        worker.start()
        web.start()
        wait_for(worker.children, "the worker")
        pause(dice.uniform(0.5, 6))
        worker.kill()
        web.kill()
        checks.expect(_is_whole(drill, number), f"the copy after kill {number} is broken")
    before = drill.settled()
    worker.start()
    drill.wait_until_over(300)
    checks.note(kills=2 * KILLS, settled_by_then=before)
    checks.expect(_is_whole(drill, KILLS), "the file is broken in the end")


def _web(drill: DrillRun) -> Process:
    command = "-W ignore -m gunicorn run:app --worker-class gthread --threads 4 --no-control-socket"
    return Process(
        "web",
        [sys.executable, *command.split(), "--bind", f"127.0.0.1:{environ['PORT']}"],
        drill.folder,
    )


def _is_whole(drill: DrillRun, number: int) -> bool:
    """Whether a copy of the database files, as after a power cut, passes the integrity check."""
    copy = drill.folder / f"copy{number}"
    copy.mkdir()
    # Copied by another process, because closing the file here would drop this process's POSIX locks.
    files = [str(file) for file in drill.folder.glob("ava.db*") if file.suffix != ".db-shm"]
    subprocess.run(["cp", *files, str(copy)], check=True)
    return _check(copy / "ava.db") == "ok"


def _check(file: Path) -> str:
    connection = sqlite3.connect(file)
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()
