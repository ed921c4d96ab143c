"""Runs all drills or the named ones; prints one line each and a JSON summary. The exit code is 1 on failure."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.drills.plan import COMMON, DRILLS, DURABLE, Drill
from tests.support.databases import Cluster, create_database, packaged_binaries, system_binaries
from tests.support.stack import ROOT, free_port

# Seconds that one drill may take; all of them together have half an hour.
LONGEST = 420


def _migrate(url: str, environment: dict[str, str]) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "flask", "--app", "run", "upgrade"]
    settings = {**environment, "DATABASE_URL": url}
    # `upgrade` creates the provider account, so it needs SANDBOX_PORT of this drill.
    subprocess.run(command, cwd=ROOT, env=settings, check=True, capture_output=True)


def _perform(name: str, drill: Drill, cluster: Cluster, scratch: Path) -> dict[str, Any]:
    folder = scratch / name
    folder.mkdir()
    environment = {**os.environ, **COMMON, **drill.environment, "VAR_DIR": str(folder)}
    environment |= {"SANDBOX_PORT": str(free_port()), "PORT": str(free_port())}
    if drill.module == "d08_embedded":
        environment |= {"DATABASE_URL": f"sqlite:///{folder / 'ava.db'}", "REDIS_URL": ""}
        environment.pop("DRILL_CLUSTER", None)
    else:
        database = f"drill_{name.replace('-', '_').lower()}"
        environment |= {
            "DATABASE_URL": create_database(cluster.url, database),
            "DRILL_CLUSTER": str(cluster.home),
        }
        environment["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0"
    _migrate(environment["DATABASE_URL"], environment)
    command = [sys.executable, "-W", "ignore", "-m", "tests.drills.one", name]
    said = folder / "said.log"
    with said.open("w") as log:
        one = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        output, _errors = one.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return {"passed": False, "broken": [f"longer than {LONGEST} s"]}
    finally:
        # On SIGTERM the drill stops the processes that it has started.
        one.terminate()
        one.communicate()
    lines = output.splitlines()
    return json.loads(lines[-1]) if lines else {"passed": False, "broken": [said.read_text()[-400:]]}


def _line(name: str, result: dict[str, Any]) -> str:
    passed = "ok  " if result["passed"] else "FAIL"
    counts = "  ".join(f"{each} {result.get(each, '?'):>5}" for each in ("sent", "lost", "doubled", "review"))
    troubles = "; ".join(result.get("broken", []))
    more = json.dumps(result.get("more", {}), ensure_ascii=False)
    return f"{name:<6}{passed}  {counts}  {result.get('seconds', 0):>6} s  {troubles}  {more}"


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    names = sys.argv[1:] or list(DRILLS)
    if unknown := set(names) - set(DRILLS):
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(DRILLS)}")
    scratch = Path(tempfile.mkdtemp(prefix="drills"))
    cluster = Cluster(system_binaries() or packaged_binaries(), DURABLE)
    cluster.start()
    results = {}
    try:
        for name in names:
            results[name] = _perform(name, DRILLS[name], cluster, scratch)
            print(_line(name, results[name]), flush=True)  # noqa: T201 - command-line output
    finally:
        cluster.stop()
        cluster.remove()
    failed = [name for name, result in results.items() if not result["passed"]]
    sums = {
        each: sum(result.get(each, 0) for result in results.values())
        for each in ("sent", "lost", "doubled", "review")
    }
    print(json.dumps({**sums, "passed": len(results) - len(failed), "failed": failed}))  # noqa: T201 - the same
    if failed:
        print(f"logs: {scratch}", file=sys.stderr)  # noqa: T201 - the same
        raise SystemExit(1)
    shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
