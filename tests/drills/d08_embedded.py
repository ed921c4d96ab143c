"""D-08: the embedded database, whose web server and only worker are killed again and again; each time its files are copied."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from os import environ
from pathlib import Path

from tests.drills.processes import Process, pause, wait_for
from tests.drills.stage import Stage
from tests.drills.verdict import Judge

MESSAGES, KILLS = 3000, 12


def run(stage: Stage, judge: Judge) -> None:
    keys = stage.customers(MESSAGES)
    stage.sandbox.control(preset="drill", hold=1, slow=0.1)
    worker, web = stage.workers[0], _web(stage)
    worker.command += ["-B", "-s", str(stage.folder / "schedule")]
    stage.send(keys)
    dice = random.Random(7)
    for number in range(KILLS):
        worker.start()
        web.start()
        wait_for(worker.children, "the worker")
        pause(dice.uniform(0.5, 6))
        worker.kill()
        web.kill()
        judge.expect(_is_whole(stage, number), f"the copy after kill {number} is broken")
    before = stage.settled()
    worker.start()
    stage.wait_until_over(300)
    judge.note(kills=2 * KILLS, settled_by_then=before)
    judge.expect(_is_whole(stage, KILLS), "the file is broken in the end")


def _web(stage: Stage) -> Process:
    command = "-W ignore -m gunicorn run:app --worker-class gthread --threads 4 --no-control-socket"
    return Process(
        "web",
        [sys.executable, *command.split(), "--bind", f"127.0.0.1:{environ['PORT']}"],
        stage.folder,
    )


def _is_whole(stage: Stage, number: int) -> bool:
    """As after a power cut: the files as they lie there are opened elsewhere."""
    copy = stage.folder / f"copy{number}"
    copy.mkdir()
    # By another process: closing the file here would drop the locks of this one's own connection.
    files = [str(file) for file in stage.folder.glob("ava.db*") if file.suffix != ".db-shm"]
    subprocess.run(["cp", *files, str(copy)], check=True)
    return _check(copy / "ava.db") == "ok"


def _check(file: Path) -> str:
    connection = sqlite3.connect(file)
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()
