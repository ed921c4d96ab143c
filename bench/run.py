"""``make bench``: the work items W1 to W8 with their baselines, then bulk deletion and export; prints a line of JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

BENCH = Path(__file__).parent
MOST_OF = 100_000


def output_of(script: str, *arguments: str) -> Any:
    """The lines of JSON that *script* prints; its other output is passed on."""
    process = subprocess.Popen(
        [sys.executable, str(BENCH / script), *arguments], stdout=subprocess.PIPE, text=True
    )
    lines = []
    for line in process.stdout or ():
        lines.append(line.rstrip("\n"))
        if not line.startswith(("{", "[")):
            print(lines[-1], flush=True)
    if process.wait():
        raise SystemExit(process.returncode)
    return [json.loads(line) for line in lines if line.startswith(("{", "["))]


def main() -> None:
    rows = int(sys.argv[1].replace("_", "")) if sys.argv[1:] else MOST_OF
    (works,) = output_of("bench_panel.py", str(rows))
    # The limits of bulk deletion and export are for this number of rows.
    of = min(rows, MOST_OF)
    (bulk,) = output_of("bench_bulk.py", str(of // 2), str(of))
    exports = output_of("bench_export.py", str(of))
    print(json.dumps({"works": works, "bulk": bulk, "export": exports}, ensure_ascii=False))


if __name__ == "__main__":
    main()
