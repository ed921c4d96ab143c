"""An SMS campaign from request to provider: response time, preparation, memory, messages per second.

``python bench/bench_sms.py [customers [single]]`` sends a campaign to *customers* (50,000) on PostgreSQL with a broker, two
workers and the sandbox as real processes, then *single* (3,000) messages with one task each. It prints a line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from tests.drills.plan import COMMON  # noqa: E402 - the path comes first
from tests.support.databases import create_database, postgres_server  # noqa: E402 - the path comes first
from tests.support.stack import free_port  # noqa: E402 - the path comes first

LIMITS = {"answer_s": 1.0, "insert_s": 10.0}
LEAST_RATE = 2000


def run(customers: int, single: int) -> dict[str, Any]:
    """Run the measurement in a process of its own, which reads its settings from the environment."""
    with postgres_server() as server, tempfile.TemporaryDirectory() as folder:
        usual = {"SMS_LEASE": "90", "SMS_LOOK_UPS": "30 120 600", "SMS_POLLS": "60 300", "SMS_REST": "60"}
        environment = {**os.environ, **COMMON, **usual, "VAR_DIR": folder, "SANDBOX_PORT": str(free_port())}
        environment["DATABASE_URL"] = create_database(server, "bench_sms")
        environment["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0"
        # The workers import the task of single messages from here.
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "bench")])
        python = [sys.executable, "-W", "ignore"]
        upgrade = [*python, "-m", "flask", "--app", "run", "upgrade"]
        subprocess.run(upgrade, cwd=ROOT, env=environment, check=True, capture_output=True)
        inner = [*python, "-m", "sms_campaign", str(customers), str(single)]
        done = subprocess.run(inner, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    customers, single = (
        [int(each.replace("_", "")) for each in sys.argv[1:]] + [50_000, 3_000][len(sys.argv) - 1 :]
    )[:2]
    found = run(customers, single)
    for name, value in found.items():
        print(f"{name:<24}{value}")
    in_time = all(found[name] <= limit for name, limit in LIMITS.items())
    found["holds"] = in_time and found["batches_per_s"] >= LEAST_RATE
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
