"""Tables of foreign files, read by a child process with limits: a bomb ends the child alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from app.lib.tables.source import Doubt, DoubtfulRow, Headings, TableReason, UnreadableFile

_ROOT = Path(__file__).parents[3]
_CHILD, _STREAM_CHILD = "app.lib.tables.child", "app.lib.tables.stream_child"
# The child needs none of the settings of the app, which hold secrets.
_INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")


@dataclass(frozen=True)
class LimitedTable:
    """Headings and rows of the table in the file at `path`; each use of `rows` reads it again."""

    path: Path
    name: str
    headers: Sequence[str]
    headings: Headings
    sheet: str | None
    sheets: Sequence[str]
    duplicates: Sequence[str]
    _open: list[_Child] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, Sequence[Any]]]:
        """(number, cells) of each row that is not empty; numbers start at 1 below the headings."""
        if self._open:
            child = self._open.pop()
        else:
            child, _head = _started(self.path, self.name, self.sheet)
        try:
            for batch in child.lines():
                for number, cells, *doubt in batch:
                    yield number, DoubtfulRow(Doubt(doubt[0]), cells[0]) if doubt else _decoded(cells)
        finally:
            child.end()


def open_limited(path: Path, *, name: str, sheet: str | None = None) -> LimitedTable:
    """The table in the file at *path*, uploaded as *name*; raises `UnreadableFile`."""
    child, head = _started(path.resolve(), name, sheet)
    return LimitedTable(
        path.resolve(),
        name,
        head["headers"],
        Headings(*head["headings"]),
        head["sheet"],
        head["sheets"],
        head["duplicates"],
        [child],
    )


class _Child:
    """A process that reads a file."""

    def __init__(self, module: str, path: Path, name: str, sheet: str | None) -> None:
        environment = {key: os.environ[key] for key in _INHERITED if key in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - our own module; the file is an argument, not a command
            [sys.executable, "-m", module, str(path), _argument(name), *([sheet] if sheet else [])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            # A numerical library that openpyxl imports would reserve memory for each processor.
            env={**environment, "OPENBLAS_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
        )
        self.end = weakref.finalize(self, _end, self._process)

    def line(self) -> Any:
        """The next line; raises `UnreadableFile` for a refusal, and when the process was ended by its limits."""
        output = self._process.stdout
        line = output.readline() if output else b""
        found = (
            json.loads(line) if line.endswith(b"\n") else {"refused": TableReason.LIMITS.value, "row": None}
        )
        if isinstance(found, dict) and "refused" in found:
            self.end()
            raise UnreadableFile(TableReason(found["refused"]), found["row"])
        return found

    def lines(self) -> Iterator[Any]:
        """The batches of rows."""
        while isinstance(batch := self.line(), list):
            yield batch


def _started(path: Path, name: str, sheet: str | None) -> tuple[_Child, Mapping[str, Any]]:
    child = _Child(_CHILD, path, name, sheet)
    head = child.line()
    if "stream" in head:
        child = _Child(_STREAM_CHILD, path, name, sheet)
        head = child.line()
    return child, head


def _argument(name: str) -> str:
    """The ending of *name*, which alone matters; a name may have characters that no argument can have."""
    return f"file{Path(name.replace(chr(0), '')).suffix.encode('ascii', 'replace').decode()}"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    if process.stdout:
        process.stdout.close()
    process.wait()


def _decoded(cells: list[Any]) -> list[Any]:
    return [_moment(cell) if isinstance(cell, dict) else cell for cell in cells]


def _moment(cell: Mapping[str, str]) -> date:
    if "moment" in cell:
        return datetime.fromisoformat(cell["moment"])
    return date.fromisoformat(cell["day"])
