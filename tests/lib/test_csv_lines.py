"""F01, F02: each line of a delimited file is a row, part of a row, or named as doubtful; none is swallowed."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lib.tables.reader import TableReason, UnreadableFile, open_table
from app.lib.tables.source import Doubt, DoubtfulRow

HEADINGS = "موبایل,محصول,نام,شهر\n"


@pytest.fixture
def rows_of(tmp_path):
    def read(text: str | bytes):
        path = tmp_path / "stored"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return dict(open_table(path, name="a.csv").rows())

    return read


def doubtful(rows):
    return {number: cells.doubt for number, cells in rows.items() if isinstance(cells, DoubtfulRow)}


def lead(number: int, *more: str) -> str:
    return ",".join([f"0935{number:07d}", "P-101", *more])


class TestF01StrayQuotes:
    @pytest.mark.parametrize("closing", ['پویا" رادمنش', 'پویا"'])
    def test_a_mark_that_opens_takes_no_other_line_along(self, rows_of, closing):
        lines = [
            lead(1, "نگار", "یزد"),
            lead(2, '"سارا', "یزد"),
            lead(3, "امید", "قم"),
            lead(4, closing, "قم"),
        ]

        rows = rows_of(HEADINGS + "\n".join([*lines, lead(5, "لیلا", "تبریز")]))

        assert list(rows) == [1, 2, 3, 4, 5]
        assert doubtful(rows) == {2: Doubt.QUOTES, 4: Doubt.QUOTES}
        assert rows[3] == lines[2].split(",")
        assert rows[2].line == lines[1]

    @pytest.mark.parametrize("titles", ["نام,موبایل,محصول,شهر", "شهر,محصول,نام,موبایل"])
    def test_marks_in_two_leads_that_follow_each_other(self, rows_of, titles):
        cells = {"نام": "سارا", "موبایل": "09350000001", "محصول": "P-101", "شهر": "یزد"}
        row = ",".join(cells[title] for title in titles.split(","))
        first, second = f'"{row}', row.replace(",", '",', 1)

        rows = rows_of(f"{titles}\n{first}\n{second}\n{row}")

        assert doubtful(rows) == {1: Doubt.QUOTES, 2: Doubt.QUOTES}
        assert rows[3] == row.split(",")

    def test_one_that_closes_ten_thousand_lines_later(self, rows_of):
        lines = [lead(number, "نگار", "یزد") for number in range(10_000)]
        lines[0], lines[-1] = lead(0, '"سارا', "یزد"), lead(9_999, 'پویا"', "قم")

        rows = rows_of(HEADINGS + "\n".join(lines))

        assert len(rows) == 10_000
        assert doubtful(rows) == {1: Doubt.QUOTES, 10_000: Doubt.QUOTES}

    def test_one_in_the_last_line(self, rows_of):
        rows = rows_of(HEADINGS + lead(1, "نگار", "یزد") + '\n"09350000002,P-101,سارا,یزد')

        assert doubtful(rows) == {2: Doubt.QUOTES}

    def test_a_lead_with_a_bad_number_is_not_swallowed_either(self, rows_of):
        lines = [lead(1, '"سارا', "یزد"), "ندارد,P-101,امید,قم", lead(3, 'پویا"', "قم")]

        assert list(rows_of(HEADINGS + "\n".join(lines))) == [1, 2, 3]

    def test_a_short_lead_is_not_swallowed_either(self, rows_of):
        lines = [lead(1, '"سارا', "یزد"), lead(2), lead(3, 'پویا"', "قم")]

        assert list(rows_of(HEADINGS + "\n".join(lines))) == [1, 2, 3]

    def test_a_missing_closing_mark_where_all_cells_are_quoted(self, rows_of):
        lines = ['"09350000001","P-101","نگار","یزد', '"09350000002","P-101","سارا","قم"']

        rows = rows_of(HEADINGS + "\n".join(lines))

        assert doubtful(rows) == {1: Doubt.QUOTES}
        assert rows[2] == ["09350000002", "P-101", "سارا", "قم"]

    @pytest.mark.parametrize(
        "cells",
        [
            '"گفت \\"الو, سلام\\" و رفت",نگار',
            '"abc\\"",نگار',
            '"مسیر C:\\",نگار',
            "بلوار\\, کوچه,یزد",
            "نگار,یزد\\",
            '"نگار" صالحی,یزد',
            'نگار",یزد',
            'پویا" رادمنش,یزد',
        ],
    )
    def test_what_two_programs_read_differently_is_in_doubt(self, rows_of, cells):
        rows = rows_of(HEADINGS + f"09350000001,P-101,{cells}\n" + lead(2, "سارا", "قم"))

        assert doubtful(rows) == {1: Doubt.QUOTES}
        assert rows[2] == ["09350000002", "P-101", "سارا", "قم"]

    @pytest.mark.parametrize("blanks", [" ", "  ", "\u200f", "\u00a0"])
    def test_blanks_before_a_mark_are_no_text(self, rows_of, blanks):
        rows = rows_of(
            f'"موبایل",{blanks}"محصول",{blanks}"نام"\n"0935",{blanks}"P-101" ,{blanks}"نگار, صالحی"\n'
        )

        assert rows == {1: ["0935", "P-101", "نگار, صالحی"]}

    def test_marks_inside_a_cell_that_come_in_pairs_are_text(self, rows_of):
        assert rows_of(HEADINGS + lead(1, 'سارا "سحر" رضایی', "قم"))[1][2] == 'سارا "سحر" رضایی'

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_a_note_of_several_lines_is_one_row(self, rows_of, end):
        note = end.join(["سلام, عصر", "", 'گفت ""الو""', "پلاک ۱۲"])
        text = end.join(["موبایل,محصول,نام,شهر,یادداشت", f'{lead(1, "نگار", "یزد")},"{note}"', lead(2)])

        rows = rows_of(text)

        assert doubtful(rows) == {}
        assert rows[1][4] == 'سلام, عصر\n\nگفت "الو"\nپلاک ۱۲'
        assert rows[2] == ["09350000002", "P-101"]

    def test_a_note_of_several_lines_in_the_first_column_is_one_row(self, rows_of):
        rows = rows_of('یادداشت,موبایل,محصول\n"سلام\nعصر",09350000001,P-101\n')

        assert rows == {1: ["سلام\nعصر", "09350000001", "P-101"]}

    def test_headings_that_can_not_be_read_are_named(self, rows_of):
        with pytest.raises(UnreadableFile) as refusal:
            rows_of(f'موبایل,"محصول,نام\n{lead(1, "نگار")}\n')

        assert (refusal.value.reason, refusal.value.row) == (TableReason.QUOTES, 1)

    def test_a_title_that_can_not_be_read_hides_no_headings(self, rows_of):
        assert list(rows_of(f'گزارش "فروش\n{HEADINGS}{lead(1)}\n')) == [1]


class TestF02LooseDelimiters:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "،", "؛"])
    def test_more_cells_than_headings_are_in_doubt(self, rows_of, delimiter):
        lines = [HEADINGS.strip(), lead(1, "نگار", "کوچه ۵", "یزد"), lead(2, "سارا", "یزد"), lead(3)]

        rows = rows_of("\n".join(lines).replace(",", delimiter))

        assert doubtful(rows) == {1: Doubt.WIDTH}
        assert rows[1].line == lines[1].replace(",", delimiter)

    def test_an_empty_last_cell_hides_no_loose_delimiter(self, rows_of):
        rows = rows_of(HEADINGS + "\n".join([lead(1, "4", "500", ""), lead(2, "سارا", "یزد")]))

        assert doubtful(rows) == {1: Doubt.WIDTH}

    def test_loose_delimiters_in_all_rows_are_no_habit_of_the_program(self, rows_of):
        lines = [lead(1, "4", "500", ""), lead(2, "4", "600", ""), lead(3, "4", "700", "یزد")]

        assert list(doubtful(rows_of(HEADINGS + "\n".join(lines)))) == [1, 2, 3]

    def test_a_delimiter_behind_every_row_is_fine(self, rows_of):
        lines = [lead(1, "نگار", "یزد", ""), lead(2, "سارا", "قم", ""), lead(3, "امید", "کوچه", "قم", "")]

        rows = rows_of(HEADINGS + "\n".join(lines))

        assert doubtful(rows) == {3: Doubt.WIDTH}

    def test_empty_headings_at_the_end_count(self, rows_of):
        assert doubtful(rows_of("موبایل,محصول,\n0935,P-101,یزد\n0936,P-101,\n")) == {}

    def test_more_cells_than_any_file_may_have_are_one_row_in_doubt(self, rows_of):
        assert doubtful(rows_of(HEADINGS + lead(1, *["x"] * 200))) == {1: Doubt.WIDTH}


WORDS = st.text("ابپت ۱۲abc", min_size=1, max_size=8).map(lambda text: text.strip() or "ن")
NOTES = st.lists(WORDS, min_size=1, max_size=3).map("\n".join)


DAMAGE = ['"', ",", "\\", '""', '","', ' "', "\n", '\n"', '",']


def mark_of(number: int) -> str:
    """A sign that stands in each cell of one lead and in no other lead."""
    return chr(0x4E00 + number)


@st.composite
def damaged_files(draw):
    """Leads whose cells all bear the lead's own mark; some have a mark, delimiter or line end too many."""
    lines = []
    for number in range(draw(st.integers(1, 12))):
        mark = mark_of(number)
        note = "\n".join(f"{mark}{line}" for line in draw(NOTES).split("\n"))
        quoted = draw(st.booleans()) or "\n" in note
        cells = [f"0935{number:07d}", "P-101", *(f"{mark}{draw(WORDS)}" for _ in range(2))]
        text = ",".join([*cells, f'"{note}"' if quoted else note])
        if draw(st.booleans()):
            at = draw(st.integers(0, len(text)))
            text = text[:at] + draw(st.sampled_from(DAMAGE)) + text[at:]
        lines.append(text)
    return lines


@settings(max_examples=300)
@given(lines=damaged_files(), end=st.sampled_from(["\n", "\r\n"]))
def test_f01_every_lead_is_a_row_of_its_own(tmp_path_factory, lines, end):
    path = tmp_path_factory.mktemp("files") / "stored"
    path.write_bytes(("موبایل,محصول,نام,شهر,یادداشت" + end + end.join(lines)).encode())

    rows = list(dict(open_table(path, name="a.csv").rows()).values())

    marks = {mark_of(number) for number in range(len(lines))}
    owners = [set("".join(cells)) & marks for cells in rows]
    assert set().union(*owners) == marks
    for cells, owner in zip(rows, owners, strict=True):
        assert len(owner) <= 1
        if owner and re.fullmatch("0935[0-9]{7}", cells[0]):
            assert mark_of(int(cells[0][4:])) in owner


def test_f01_the_files_that_people_sent(rows_of):
    folder = Path(__file__).parents[1] / "data" / "field-cases"

    found = {path.stem: rows_of(path.read_bytes()) for path in sorted(folder.glob("F0[12]*.csv"))}

    assert {name: (len(rows), sorted(doubtful(rows))) for name, rows in found.items()} == {
        "F01-quote-backslash": (2, [1]),
        "F01-quote-opens": (6, [2, 5]),
        "F01-space-before-quote": (1, []),
        "F02-loose-comma-address": (2, [2]),
        "F02-loose-comma-amount": (2, [1]),
    }
