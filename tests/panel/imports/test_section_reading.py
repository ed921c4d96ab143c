"""How the file of a section's import is read: its sheet, and what its ambiguous numbers and dates mean."""

from io import BytesIO

import pytest
import xlsxwriter
from wtforms import Form

from app.errors import DomainError
from app.lib.persian import latin_digits
from app.lib.tables.values.styles import DateStyle, NumberStyle, Styles
from app.panel.forms.fields import JalaliDateField, NumberField
from app.panel.imports.cells import sent_value
from app.tasks.section_imports import run_section_import
from models.job import ImportJob, ImportStatus
from models.product import Product
from tests.factories import member
from tests.panel.imports.steps import map_columns, stored, upload, work

AMBIGUOUS = "عنوان,کد,قیمت\nکتاب,B-1,1.500\nجزوه,B-2,2000\n"
TWO_SHEETS = {
    "آذر": [["عنوان", "کد", "قیمت"], ["کتاب", "B-1", 1000]],
    "دی": [["کد", "عنوان"], ["B-2", "جزوه"], ["B-3", "دفتر"]],
}


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    found = []
    monkeypatch.setattr(run_section_import, "delay", lambda *ids: found.append(ids))
    return found


@pytest.fixture
def client(login, manager):
    return login(manager)


class Fields(Form):
    day = JalaliDateField()
    number = NumberField()


def previewed(client, data, **options):
    """The address of an import whose columns were guessed, and its preview."""
    url = upload(client, data, **options).location
    return url, client.get(map_columns(client, url).location).text


def imported(client, session, organization, url):
    client.post(f"{url}/run")
    job = work(session, organization, int(url.rpartition("/")[2]))
    return job, {row.code: row.price for row in stored(session, organization, Product)}


def workbook(**sheets):
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return content.getvalue()


class TestNumbers:
    def test_a_column_that_is_ambiguous_asks_once(self, client):
        _url, page = previewed(client, AMBIGUOUS)

        assert page.count('value="thousands"') == page.count('value="fraction"') == 1
        assert "«1.500»" in page

    def test_the_answer_reads_the_column(self, client, session, organization):
        url, _page = previewed(client, AMBIGUOUS)

        page = client.get(client.post(f"{url}/reading", data={"numbers": "thousands"}).location).text
        _job, prices = imported(client, session, organization, url)

        assert 'data-fate="refused"' not in page
        assert 'value="thousands" required checked' in page
        assert (prices["B-1"], prices["B-2"]) == (1500 * 10, 2000 * 10)

    def test_without_an_answer_the_row_is_refused_and_the_others_are_not(self, client, session, organization):
        url, page = previewed(client, AMBIGUOUS)

        job, prices = imported(client, session, organization, url)

        assert "این عدد را به چند صورت می‌توان خواند." in page
        assert (job.accepted, job.rejected) == (1, 1)
        assert "B-1" not in prices
        assert prices["B-2"] == 2000 * 10

    @pytest.mark.parametrize("price", ["1500", '"1,500"', "۱٬۵۰۰"])
    def test_a_number_with_one_reading_asks_nothing(self, client, session, organization, price):
        url, page = previewed(client, f"عنوان,کد,قیمت\nکتاب,B-1,{price}\n")

        _job, prices = imported(client, session, organization, url)

        assert "thousands" not in page
        assert prices["B-1"] == 1500 * 10

    @pytest.mark.parametrize(
        "answer", [{"numbers": "gregorian-dmy"}, {"numbers": "<x>"}, {"dates": ""}, {"sheet": "هیچ"}]
    )
    def test_an_answer_that_was_not_offered_changes_nothing(self, client, session, answer):
        url, _page = previewed(client, AMBIGUOUS)
        before = dict(session.get_one(ImportJob, int(url.rpartition("/")[2])).reading)

        said = client.post(f"{url}/reading", data=answer)

        job = session.get_one(ImportJob, int(url.rpartition("/")[2]), populate_existing=True)
        assert said.status_code < 500
        assert dict(job.reading) == before

    def test_answers_come_too_late_for_an_import_that_runs(self, client, session):
        url, _page = previewed(client, AMBIGUOUS)
        client.post(f"{url}/run")

        client.post(f"{url}/reading", data={"numbers": "thousands"})

        job = session.get_one(ImportJob, int(url.rpartition("/")[2]), populate_existing=True)
        assert job.status is ImportStatus.QUEUED
        assert "numbers" not in job.reading

    def test_members_elsewhere_do_not_find_it(self, client, login, session, stranger_organization):
        url, _page = previewed(client, AMBIGUOUS)
        other = member("Manager", stranger_organization)
        session.commit()

        assert login(other).post(f"{url}/reading", data={"numbers": "thousands"}).status_code == 404


class TestSheets:
    def test_are_offered_where_there_are_several(self, client):
        page = client.get(upload(client, workbook(**TWO_SHEETS), name="rows.xlsx").location).text
        single = client.get(upload(client, workbook(آذر=TWO_SHEETS["آذر"]), name="one.xlsx").location).text

        assert page.count('<option value="آذر"') == page.count('<option value="دی"') == 1
        assert 'name="sheet"' not in single

    @pytest.mark.parametrize(("sheet", "codes"), [("آذر", {"B-1"}), ("دی", {"B-2", "B-3"})])
    def test_the_chosen_one_is_imported(self, client, session, organization, sheet, codes):
        url = upload(client, workbook(**TWO_SHEETS), name="rows.xlsx").location

        client.post(f"{url}/reading", data={"sheet": sheet})
        map_columns(client, url)
        job, prices = imported(client, session, organization, url)

        assert job.total_rows == len(codes)
        assert {code for code in prices if code.startswith("B-")} == codes

    def test_one_that_can_not_be_read_says_so_and_changes_nothing(self, client):
        sheets = TWO_SHEETS | {"دراز": [["عنوان", "کد"], ["ک" * 5_001, "B-9"]]}
        url = upload(client, workbook(**sheets), name="rows.xlsx").location
        before = client.get(url).text.count('<option value="دراز" selected')

        answer = client.post(f"{url}/reading", data={"sheet": "دراز"}, follow_redirects=True)

        assert (answer.status_code, before) == (200, 0)
        assert "۵٬۰۰۰ نویسه" in answer.text
        assert '<option value="دراز" selected' not in client.get(url).text


class TestCells:
    @pytest.mark.parametrize(
        ("style", "day"), [(DateStyle.GREGORIAN_DMY, "1405/09/20"), (DateStyle.GREGORIAN_MDY, "1405/08/21")]
    )
    def test_an_ambiguous_date_is_read_by_the_answer(self, app, style, day):
        said = sent_value(None, Fields().day, "11/12/2026", Styles(dates=style))

        assert latin_digits(said) == day

    @pytest.mark.parametrize(
        ("style", "number"), [(NumberStyle.FRACTION, "1"), (NumberStyle.THOUSANDS, "1000")]
    )
    def test_so_is_an_ambiguous_number(self, app, style, number):
        assert sent_value(None, Fields().number, "1.000", Styles(numbers=style)) == number

    def test_a_number_of_a_spreadsheet_has_no_thousands(self, app):
        assert sent_value(None, Fields().number, 1.125, Styles(numbers=NumberStyle.THOUSANDS)) == "1.125"
        assert sent_value(None, Fields().number, 1.125) == "1.125"

    def test_which_is_never_guessed(self, app):
        with pytest.raises(DomainError):
            sent_value(None, Fields().number, "1.000")
