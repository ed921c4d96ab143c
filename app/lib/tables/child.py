"""Reads a foreign file in a process of its own with limits, and writes its table as lines of JSON.

``python -m app.lib.tables.child PATH NAME [SHEET]``; `app/gateways/storage/limited.py` starts it.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from app.lib.tables.reader import Table, UnreadableFile, open_table
from app.lib.tables.source import DoubtfulRow
from app.lib.tables.xlsx import RowStream, StreamNeeded

_MOST_MEMORY = 512 * 1024 * 1024
_MOST_SECONDS = 60
_BATCH = 500
_PLAIN = (str, int, float, bool)


def main(arguments: list[str], stream: RowStream | None = None) -> None:
    """Write the table of the file that *arguments* name."""
    limit()
    path, name, sheet = Path(arguments[0]), arguments[1], arguments[2] if len(arguments) > 2 else None
    try:
        table = open_table(path, name=name, sheet=sheet, stream=stream)
        _write(_head(table))
        rows = table.rows()
        while batch := list(islice(rows, _BATCH)):
            _write([_row(number, cells) for number, cells in batch])
        _write({"end": True})
    except UnreadableFile as error:
        _write({"refused": error.reason.value, "row": error.row})
    except StreamNeeded:
        _write({"stream": True})


def limit() -> None:
    """Limit memory and processor time of this process, and forbid it to write files."""
    for kind, most in (
        (resource.RLIMIT_AS, _MOST_MEMORY),
        (resource.RLIMIT_CPU, _MOST_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _head(table: Table) -> dict[str, Any]:
    headings = table.headings
    return {
        "headers": table.headers,
        "headings": [headings.place, headings.width, headings.mobile, headings.counter],
        "sheet": table.sheet,
        "sheets": table.sheets,
        "duplicates": table.duplicates,
    }


def _row(number: int, cells: Any) -> list[Any]:
    if isinstance(cells, DoubtfulRow):
        return [number, list(cells), cells.doubt.value]
    return [number, [cell if isinstance(cell, _PLAIN) else _encoded(cell) for cell in cells]]


def _encoded(cell: Any) -> Any:
    """A moment or a day as an object of JSON, everything else as text."""
    if isinstance(cell, date):
        return {"moment" if isinstance(cell, datetime) else "day": cell.isoformat()}
    return "" if cell is None else str(cell)


def _write(line: Any) -> None:
    sys.stdout.write(json.dumps(line))
    sys.stdout.write("\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
