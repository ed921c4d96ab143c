"""Runs one drill on the servers given by the environment: `python -m tests.drills.one D-04`. Prints a JSON line."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from importlib import import_module
from pathlib import Path

from tests.drills.drill_run import drill_run
from tests.drills.plan import DRILLS
from tests.drills.result import DrillChecks


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    module = import_module(f"tests.drills.{DRILLS[sys.argv[1]].module}")
    with drill_run(Path(os.environ["VAR_DIR"])) as drill:
        checks = DrillChecks(drill)
        try:
            module.run(drill, checks)
        except Exception as error:  # noqa: BLE001 - every error is a failure of the drill
            traceback.print_exc()
            checks.expect(None, f"{type(error).__name__}: {error}"[:300])
        print(checks.close().as_json(), flush=True)  # noqa: T201 - command-line output


if __name__ == "__main__":
    main()
