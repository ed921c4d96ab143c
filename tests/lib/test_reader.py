"""Tables found in files."""

from io import BytesIO
from zipfile import ZipFile

import pytest
import xlsxwriter

from app.lib.tables.reader import MOST_ROWS, TableReason, UnreadableFile, open_table


@pytest.fixture
def values_table(tmp_path):
    def build(data: bytes, name: str = "a.csv"):
        path = tmp_path / "stored"
        path.write_bytes(data)
        return open_table(path, name=name)

    return build


def test_rows_can_be_read_again_from_the_start(values_table):
    table = values_table("نام,موبایل\nالف,1\nب,2\n".encode())

    assert list(table.rows()) == list(table.rows()) == [(1, ["الف", "1"]), (2, ["ب", "2"])]


def test_empty_rows_are_skipped_but_counted(values_table):
    table = values_table("نام,موبایل\nالف,1\n,\n\nب,2\n".encode())

    assert [number for number, _cells in table.rows()] == [1, 4]


def test_quotes_may_hold_delimiters_and_line_ends(values_table):
    table = values_table('نام,موبایل\n"الف، ب, پ\nت",1\n'.encode())

    assert list(table.rows()) == [(1, ["الف، ب, پ\nت", "1"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
def test_encodings_are_found_out(values_table, encoding):
    table = values_table("موبايل,كالا\n1,كتاب\n".encode(encoding))

    assert list(table.headers) == ["موبايل", "كالا"]


def test_latin_text_needs_no_guess(values_table):
    assert values_table(b"mobile,product\n1,2\n").encoding == "utf-8"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xe9\xe8\xff\xfa\xf0,\xe9\n\xe9\xe9", TableReason.ENCODING),
        (b" \n\n", TableReason.EMPTY),
        (b",".join([b"a"] * 101) + b"\n1,2\n", TableReason.TOO_MANY_COLUMNS),
    ],
)
def test_what_can_not_be_read_says_why(values_table, data, reason):
    with pytest.raises(UnreadableFile) as refusal:
        values_table(data)

    assert refusal.value.reason is reason


def test_more_rows_than_the_limit_are_refused(values_table):
    table = values_table(b"mobile,product\n" + b"1,2\n" * (MOST_ROWS + 1))

    with pytest.raises(UnreadableFile) as refusal:
        list(table.rows())

    assert refusal.value.reason is TableReason.TOO_MANY_ROWS


def test_a_cell_of_a_book_s_length_is_found(values_table):
    table = values_table(("نام,موبایل\nالف,1\n" + "ب" * 5_001 + ",2\n").encode())

    with pytest.raises(UnreadableFile) as refusal:
        list(table.rows())

    assert refusal.value.reason is TableReason.CELL_TOO_LONG


class TestWorkbooks:
    """Traps are refused before a reader makes room for them."""

    @pytest.mark.parametrize(
        ("cell", "reason"), [("A900000", TableReason.TOO_MANY_ROWS), ("XFD2", TableReason.TOO_MANY_COLUMNS)]
    )
    def test_cells_that_lie_far_apart(self, values_table, cell, reason):
        with pytest.raises(UnreadableFile) as refusal:
            values_table(workbook({"A1": "نام", "B1": "موبایل", cell: "x"}), "a.xlsx")

        assert refusal.value.reason is reason

    def test_cells_at_the_edge_of_what_is_allowed(self, values_table):
        table = values_table(workbook({"A1": "نام", "CV2": "x", "A50000": "y"}), "a.xlsx")

        assert [number for number, _cells in table.rows()] == [1, 49_999]

    def test_entities_that_grow(self, values_table):
        trap = b"<!DOCTYPE s [<!ENTITY a 'aaaa'>]><sst>&a;</sst>"

        with pytest.raises(UnreadableFile) as refusal:
            values_table(workbook({"A1": "نام"}, {"xl/extra.xml": trap}), "a.xlsx")

        assert refusal.value.reason is TableReason.DAMAGED

    @pytest.mark.parametrize("part", ["xl/vbaProject.bin", "content.xml"])
    def test_macros_and_other_formats_inside(self, values_table, part):
        with pytest.raises(UnreadableFile) as refusal:
            values_table(workbook({"A1": "نام"}, {part: b"<x/>"}), "a.xlsx")

        assert refusal.value.reason is TableReason.TYPE


def workbook(cells, parts=None):
    """The bytes of a workbook with *cells*, and with more *parts* than it needs."""
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for place, value in cells.items():
            sheet.write(place, value)
    with ZipFile(content, "a") as archive:
        for name, data in (parts or {}).items():
            archive.writestr(name, data)
    return content.getvalue()
