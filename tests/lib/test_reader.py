"""Tables found in files."""

from io import BytesIO
from zipfile import ZipFile

import pytest
import xlsxwriter

from app.lib.tables.reader import MOST_ROWS, TableReason, UnreadableFile, open_table
from app.lib.tables.xlsx_stream import stream_rows


@pytest.fixture
def values_table(tmp_path):
    def build(data: bytes, name: str = "a.csv"):
        path = tmp_path / "stored"
        path.write_bytes(data)
        return open_table(path, name=name, stream=stream_rows)

    return build


def test_rows_can_be_read_again_from_the_start(values_table):
    table = values_table("نام,موبایل\nالف,1\nب,2\n".encode())

    assert list(table.rows()) == list(table.rows()) == [(1, ["الف", "1"]), (2, ["ب", "2"])]


def test_empty_rows_are_skipped_but_counted(values_table):
    table = values_table("نام,موبایل\nالف,1\n,\n\nب,2\n".encode())

    assert [number for number, _cells in table.rows()] == [1, 4]


def test_a_line_of_delimiters_alone_is_no_row(values_table):
    table = values_table("نام,موبایل\nالف,1\n,,\n ,, ,\nب,2\nپ,3,\n".encode())

    assert [number for number, _cells in table.rows()] == [1, 4, 5]
    assert list(table.rows())[-1][1] == ["پ,3,"]


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


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_f20_utf_16_needs_no_mark(values_table, encoding, end):
    table = values_table(f"موبایل\tمحصول\n0935\tکتاب\n0936\t5{end}".encode(encoding))

    assert [cells for _number, cells in table.rows()] == [["0935", "کتاب"], ["0936", "5"]]


def test_numbered_rows_without_a_value_are_empty(values_table):
    table = values_table("ردیف,موبایل,محصول\n1,0935,کتاب\n2,,\n3,,کتاب\n".encode())

    assert [number for number, _cells in table.rows()] == [1, 3]


def test_headings_that_several_columns_have_are_named(values_table):
    assert values_table("نام,موبایل,نام:,محصول\nالف,1,ب,2\n".encode()).duplicates == ["نام"]


class TestWorkbooks:
    """Traps are refused before a reader makes room for them."""

    @pytest.mark.parametrize(("cell", "numbers"), [("A900000", [1, 899_999]), ("XFD3", [1])])
    def test_f06_a_cell_that_lies_far_away_costs_its_row_alone(self, values_table, cell, numbers):
        cells = {"A1": "نام", "B1": "موبایل", "A2": "سارا", "B2": "0935", cell: "x"}

        assert [number for number, _cells in values_table(workbook(cells), "a.xlsx").rows()] == numbers

    def test_cells_at_the_edge_of_what_is_allowed(self, values_table):
        table = values_table(workbook({"A1": "نام", "CV2": "x", "A50000": "y"}), "a.xlsx")

        assert [number for number, _cells in table.rows()] == [1, 49_999]

    def test_f06_formulas_filled_down_are_no_rows(self, values_table):
        cells = {"A1": "موبایل", "B1": "محصول", "C1": "جمع", "A2": "0935", "B2": "P-1"}
        formulas = {f"C{row}": ("=A1*2", 0 if row % 2 else "#N/A") for row in range(2, 4_000)}

        table = values_table(workbook(cells, formulas=formulas), "a.xlsx")

        assert [number for number, _cells in table.rows()] == [1]

    def test_f06_a_sheet_of_formulas_has_its_rows(self, values_table):
        cells = {"A1": "موبایل", "B1": "محصول"}
        formulas = {f"A{row}": ("=X1", "0935" if row < 5 else 0) for row in range(2, 9)}

        table = values_table(workbook(cells, formulas=formulas), "a.xlsx")

        assert [number for number, _cells in table.rows()] == [1, 2, 3]

    def test_a_row_whose_mobile_no_formula_has_found_is_a_row(self, values_table):
        cells = {"A1": "موبایل", "B1": "محصول", "C1": "ردیف", "D1": "نام"}
        values = {"A": ("0935", "#N/A", 0, ""), "B": ("P-1", "P-1", 0, "#N/A"), "C": (1, 2, 3, 4)}
        formulas = {
            f"{column}{row}": ("=X1", value)
            for column, found in values.items()
            for row, value in enumerate(found, 2)
        }

        table = values_table(workbook(cells, formulas=formulas | {"D4": ("=X1", "سارا")}), "a.xlsx")

        assert [number for number, _cells in table.rows()] == [1, 2, 3]

    def test_f05_headings_below_merged_groups(self, values_table):
        cells = {"A1": "موبایل", "B1": "محصول", "D1": "گیرنده", "B2": "عنوان", "C2": "تعداد", "D2": "عنوان"}

        table = values_table(workbook(cells | {"A3": "0935", "B3": "کتاب", "C3": 2}), "a.xlsx")

        assert table.headers == ["موبایل", "محصول عنوان", "تعداد", "گیرنده عنوان"]
        assert [number for number, _cells in table.rows()] == [1]

    def test_f05_the_sheet_can_be_named(self, tmp_path):
        content = BytesIO()
        with xlsxwriter.Workbook(content) as book:
            book.add_worksheet("راهنما").write_row(0, 0, ["نام فروشگاه", "آوا"])
            for name in ("آذر", "دی"):
                sheet = book.add_worksheet(name)
                sheet.write_row(0, 0, ["موبایل", "محصول"])
                sheet.write_row(1, 0, [name, "P-1"])
        (path := tmp_path / "a.xlsx").write_bytes(content.getvalue())

        tables = [open_table(path, name="a.xlsx", sheet=sheet) for sheet in (None, "دی", "دیگر")]

        assert [table.sheet for table in tables] == ["آذر", "دی", "آذر"]
        assert tables[0].sheets == ["راهنما", "آذر", "دی"]

    def test_entities_that_grow(self, values_table):
        trap = b"<!DOCTYPE s [<!ENTITY a 'aaaa'>]><sst>&a;</sst>"

        with pytest.raises(UnreadableFile) as refusal:
            values_table(workbook({"A1": "نام"}, {"xl/extra.xml": trap}), "a.xlsx")

        assert refusal.value.reason is TableReason.DAMAGED

    @pytest.mark.parametrize("encoding", ["TF-8", "gbk", "utf-7", "idna", "hex"])
    def test_encodings_that_the_parser_does_not_know(self, values_table, encoding):
        part = f'<?xml version="1.0" encoding="{encoding}"?><sst/>'.encode()

        with pytest.raises(UnreadableFile) as refusal:
            values_table(workbook({"A1": "نام"}, {"xl/extra.xml": part}), "a.xlsx")

        assert refusal.value.reason is TableReason.DAMAGED

    def test_relations_in_an_unknown_encoding(self, values_table):
        good = workbook({"A1": "موبایل", "A2": "0935"})
        broken = replaced(good, "xl/_rels/workbook.xml.rels", b'"UTF-8"', b'"TF-8"')

        assert [cells for _number, cells in values_table(broken, "a.xlsx").rows()] == [["0935"]]

    @pytest.mark.parametrize("part", ["xl/vbaProject.bin", "content.xml"])
    def test_macros_and_other_formats_inside(self, values_table, part):
        with pytest.raises(UnreadableFile) as refusal:
            values_table(workbook({"A1": "نام"}, {part: b"<x/>"}), "a.xlsx")

        assert refusal.value.reason is TableReason.TYPE


def workbook(cells, parts=None, formulas=None):
    """The bytes of a workbook with *cells* and computed *formulas*, and with more *parts* than it needs."""
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for place, value in cells.items():
            sheet.write(place, value)
        for place, (formula, value) in (formulas or {}).items():
            sheet.write_formula(place, formula, None, value)
    with ZipFile(content, "a") as archive:
        for name, data in (parts or {}).items():
            archive.writestr(name, data)
    return content.getvalue()


def replaced(book, part, before, after):
    """The bytes of a workbook with other bytes in one of its parts."""
    content = BytesIO()
    with ZipFile(BytesIO(book)) as source, ZipFile(content, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            archive.writestr(name, data.replace(before, after) if name == part else data)
    return content.getvalue()
