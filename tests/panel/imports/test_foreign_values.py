"""F03, F15: what other programs write, in the cells of a section's import."""

import pytest
from wtforms import Form

from app.extensions import appbuilder
from app.lib.persian import latin_digits
from app.panel.forms.code_fields import WeekdaysField
from app.panel.forms.fields import JalaliDateField, JalaliDateTimeField
from app.panel.imports.cells import sent_value
from tests.factories import ProductFactory
from tests.panel.imports.steps import guessed, upload


class Dates(Form):
    day = JalaliDateField()
    moment = JalaliDateTimeField()
    days = WeekdaysField()


@pytest.mark.parametrize(
    "text", ["2026-11-11 14:30", "1405/08/20 - 14:30", "2026-11-11T11:00:00Z", "14:30 ۲۰ آبان ۱۴۰۵"]
)
def test_f15_dates_of_either_calendar_fill_the_field(app, text):
    form = Dates()

    assert latin_digits(sent_value(None, form.day, text)) == "1405/08/20"
    assert latin_digits(sent_value(None, form.moment, text)) == "1405/08/20 14:30"


@pytest.mark.parametrize("text", ["11/12/2026", "دیروز", "1405/13/01"])
def test_f15_what_is_not_clear_is_left_to_the_field(app, text):
    assert sent_value(None, Dates().day, text) == text


@pytest.mark.parametrize("text", ["شنبه و سه‌شنبه", "شنبه، سه شنبه", "sat,tue", "شنبه؛سه\u200cشنبه"])
def test_days_of_the_week_are_read_as_files_show_them(app, text):
    assert sent_value(None, Dates().days, text) == "sat,tue"


def test_a_name_is_looked_for_among_all_rows_with_its_words(app, session, manager, consultant):
    [section] = (view for view in appbuilder.baseviews if getattr(view, "slug", "") == "orders")
    with app.test_request_context():
        field = section.add_form_class()(meta={"csrf": False}).product
    for number in range(30):
        ProductFactory(title=f"کتاب {number}")
    once = ProductFactory(title="کتاب")
    ProductFactory(title="کتاب ۷")
    session.commit()

    assert sent_value(section, field, "كتاب") == str(once.id)
    assert sent_value(section, field, "کتاب ۷") == "—"


@pytest.mark.parametrize(
    "headings", ["code,is_active,TITLE", "Code:,is-active,title", "code,isActive,title:"]
)
def test_f03_headings_are_compared_by_their_letters(login, manager, headings):
    client = login(manager)

    found = guessed(client.get(upload(client, f"{headings}\nB-1,yes,کتاب\n").location).text)

    assert found == {"column-0": "code", "column-1": "is_active", "column-2": "title"}


def test_samples_with_undecodable_bytes_are_shown(login, manager):
    client = login(manager)

    page = client.get(upload(client, "عنوان,کد\nکتاب,B-1\nدفتر,".encode() + b"\xff\xfe\n").location)

    assert page.status_code == 200
    assert guessed(page.text) == {"column-0": "title", "column-1": "code"}
