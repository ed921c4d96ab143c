"""Tables found in files."""

import pytest

from app.lib.spreadsheet import MOST_ROWS, Reason, UnreadableFile, open_table


@pytest.fixture
def table_of(tmp_path):
    def build(data: bytes, name: str = "a.csv"):
        path = tmp_path / "stored"
        path.write_bytes(data)
        return open_table(path, name=name)

    return build


def test_rows_can_be_read_again_from_the_start(table_of):
    table = table_of("نام,موبایل\nالف,1\nب,2\n".encode())

    assert list(table.rows()) == list(table.rows()) == [(1, ["الف", "1"]), (2, ["ب", "2"])]


def test_empty_rows_are_skipped_but_counted(table_of):
    table = table_of("نام,موبایل\nالف,1\n,\n\nب,2\n".encode())

    assert [number for number, _cells in table.rows()] == [1, 4]


def test_quotes_may_hold_delimiters_and_line_ends(table_of):
    table = table_of('نام,موبایل\n"الف، ب, پ\nت",1\n'.encode())

    assert list(table.rows()) == [(1, ["الف، ب, پ\nت", "1"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
def test_encodings_are_found_out(table_of, encoding):
    table = table_of("موبايل,كالا\n1,كتاب\n".encode(encoding))

    assert list(table.headers) == ["موبايل", "كالا"]


def test_latin_text_needs_no_guess(table_of):
    assert table_of(b"mobile,product\n1,2\n").encoding == "utf-8"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xe9\xe8\xff\xfa\xf0,\xe9\n\xe9\xe9", Reason.ENCODING),
        (b" \n\n", Reason.EMPTY),
        (b",".join([b"a"] * 101) + b"\n1,2\n", Reason.TOO_MANY_COLUMNS),
    ],
)
def test_what_can_not_be_read_says_why(table_of, data, reason):
    with pytest.raises(UnreadableFile) as refusal:
        table_of(data)

    assert refusal.value.reason is reason


def test_more_rows_than_the_limit_are_refused(table_of):
    table = table_of(b"mobile,product\n" + b"1,2\n" * (MOST_ROWS + 1))

    with pytest.raises(UnreadableFile) as refusal:
        list(table.rows())

    assert refusal.value.reason is Reason.TOO_MANY_ROWS
