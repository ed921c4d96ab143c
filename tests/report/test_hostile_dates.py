"""Hostile dates at the range of a report: taken, or refused at their field with what was typed, never a crash."""

import html
import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from models.schedule.saved_report import SavedReport
from tests.report.test_final_sales import PAGE

CASES = [
    case
    for case in json.loads((Path(__file__).parents[1] / "data/hostile_inputs.json").read_text("utf-8"))
    if case["group"] == "Jalali dates and times"
]
# A day of the other input, which makes a short range with no day of the cases.
FAR = "1390/01/01"
# The inputs are for days, so that a time in them is refused.
WITH_TIME = {"D26", "D27", "D28"}


def single(case):
    return not case["value"].startswith("from ")


def is_taken(case):
    return case["expect"].startswith("OK") and case["id"] not in WITH_TIME


def error_at(text, field):
    found = re.search(rf'id="{field}-error"[^>]*>(.*?)</p>', text, re.DOTALL)
    return found and html.unescape(found[1]).strip()


@pytest.mark.parametrize("field", ["from", "to"])
@pytest.mark.parametrize("case", list(filter(single, CASES)), ids=lambda case: case["id"])
def test_one_day(login, manager, case, field):
    value, other = case["value"], "to" if field == "from" else "from"
    # An input that is taken stands in both, so that the range is one day.
    arguments = {field: value, other: value if is_taken(case) else FAR}
    answer = login(manager).get(PAGE, query_string=arguments)
    if is_taken(case):
        assert answer.status_code == 200
        assert error_at(answer.text, "from") is error_at(answer.text, "to") is None
    else:
        assert answer.status_code == 422
        message = error_at(answer.text, field)
        assert message
        assert not re.search("[A-Za-z]{3}", message)
        # Of a text with a character that no page may contain, the rest is shown.
        shown = re.search(rf'name="{field}" value="([^"]*)"', answer.text)[1]
        assert html.unescape(shown).strip("\x00\ufffd") == value.strip("\x00")


@pytest.mark.parametrize("case", [case for case in CASES if not single(case)], ids=lambda case: case["id"])
def test_a_range_of_four_months(login, manager, case):
    first, last = re.fullmatch("from (.+) to (.+)", case["value"]).groups()
    answer = login(manager).get(PAGE, query_string={"from": first, "to": last})
    assert answer.status_code == 200
    longer = login(manager).get(PAGE, query_string={"from": first, "to": "1404/04/31"})
    assert longer.status_code == 422
    assert error_at(longer.text, "to")


@pytest.mark.parametrize("case", list(filter(single, CASES)), ids=lambda case: case["id"])
def test_a_wrong_range_is_not_saved(session, login, manager, case):
    text = urlencode({"from": case["value"], "to": case["value"]})
    answer = login(manager).post(f"{PAGE}saved", data={"name": "بازه", "_query": text})
    stored = session.scalar(select(func.count(SavedReport.id)))
    # Without any day the report has its own range, which can be saved.
    is_saved = is_taken(case) or not case["value"]
    assert (answer.status_code, stored) == ((302, 1) if is_saved else (422, 0))
