"""`python -m tests.drills.one D-04`: one drill, on the servers that the environment names; one line of JSON."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from importlib import import_module
from pathlib import Path

from tests.drills.plan import DRILLS
from tests.drills.stage import stage
from tests.drills.verdict import Judge


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    drill = import_module(f"tests.drills.{DRILLS[sys.argv[1]].module}")
    with stage(Path(os.environ["VAR_DIR"])) as built:
        judge = Judge(built)
        try:
            drill.run(built, judge)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            traceback.print_exc()
            judge.expect(None, f"{type(error).__name__}: {error}"[:300])
        print(judge.close().as_json(), flush=True)  # noqa: T201 - its one line


if __name__ == "__main__":
    main()
