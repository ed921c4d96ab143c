"""Runs the fuzz targets: `python -m tests.fuzz MINUTES [NAME …]`; each gets the same share of the time."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Sequence

from tests.fuzz.run import fuzz
from tests.fuzz.targets import TARGETS


def main(minutes: float, names: Sequence[str]) -> int:
    """Fuzz the targets; 1 when one of them raised what it may not raise."""
    unknown = [name for name in names if name not in TARGETS]
    if unknown:
        sys.stderr.write(f"No target {', '.join(unknown)}; there are {', '.join(TARGETS)}.\n")
        return 2
    chosen, failed = names or list(TARGETS), 0
    for name in chosen:
        began = time.monotonic()
        try:
            count = fuzz(TARGETS[name], 60 * minutes / len(chosen))
        except Exception:  # noqa: BLE001 - Whatever a target raises is a finding, and the other targets go on.
            failed += 1
            sys.stdout.write(f"{name}: failed\n{traceback.format_exc()}\n")
            continue
        sys.stdout.write(f"{name}: {count} inputs in {time.monotonic() - began:.0f} s\n")
        sys.stdout.flush()
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
