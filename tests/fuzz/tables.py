"""Files of tables: good workbooks with a damaged piece, archives of parts, and lines of cells."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from hypothesis import strategies as st

from app.lib.tables.reader import open_table
from app.lib.tables.rejected import write_rejected
from tests.fuzz.texts import TEXTS


def read_all(data: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        table = open_table(path, name=name)
        for _row in table.rows():
            pass


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


PARTS = [
    "[Content_Types].xml",
    "xl/workbook.xml",
    "xl/worksheets/sheet1.xml",
    "xl/_rels/workbook.xml.rels",
    "a",
]
XML = st.lists(
    st.sampled_from(
        [
            "<worksheet>",
            "<sheetData>",
            "<row r='1'>",
            "<c r='A1' t='s'>",
            "<v>",
            "1",
            "</v>",
            "</c>",
            "<!DOCTYPE a>",
            "<?xml version='1.0' encoding='gbk'?>",
        ]
    )
    | st.text(max_size=6),
    max_size=20,
).map(lambda parts: "".join(parts).encode("utf-8", "replace"))
_FIELDS = (
    TEXTS | TEXTS.map('"{}"'.format) | st.sampled_from(['"', '""', 'a"b', '"a\nb"', "=1+1", "موبایل", "نام"])
)
CELLS = st.lists(st.lists(_FIELDS, max_size=4).map(",".join), max_size=8)


def _workbook() -> dict[str, bytes]:
    """The members of a good workbook."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "good.xlsx"
        write_rejected(path, ["موبایل", "نام"], [["09121234567", "علی"], ["۰۹۱۲", "x" * 20]])
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


_GOOD = _workbook()


def _damaged(name: str, place: int, length: int, piece: bytes) -> bytes:
    """The good workbook with a piece of one member replaced."""
    data = _GOOD[name]
    start = place % (len(data) + 1)
    return zipped(_GOOD | {name: data[:start] + piece + data[start + length :]})


DAMAGED = st.builds(
    _damaged,
    st.sampled_from(sorted(_GOOD)),
    st.integers(0, 5000),
    st.integers(0, 12),
    XML | st.binary(max_size=8),
)
