"""Hostile dates (group D), SMS texts (group S) and choices at the inputs of tasks: page, REST, bulk, filters, reminder."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import func, select

from app.lib.persian import clean_line, clean_text
from models.task import Task
from tests.account.hostile_steps import CASES, texts
from tests.day.hostile_tasks.steps import JUNK, stored
from tests.day.message_steps import HTMX
from tests.day.task_steps import ALL

DATES = [case for case in CASES if case["group"] == "Jalali dates and times"]
DAYS = [case for case in DATES if not case["value"].startswith("from")]
SMS = texts("SMS text, templates and variables")


def count(session):
    return session.scalar(select(func.count(Task.id)), execution_options=ALL)


def newest(session):
    return session.scalars(select(Task).order_by(Task.id.desc()).limit(1), execution_options=ALL).one()


def judge_day(session, case, status, before):
    """A day is stored as expected, or nothing is."""
    value, expect = case["value"], case["expect"]
    added = count(session) - before
    assert status in {201, 302, 422}
    assert added == (0 if status == 422 else 1)
    if not value.strip():
        assert status != 422  # a task may have no day
        assert newest(session).due_on is None
    elif expect.startswith("REJ") or re.search(r"\d\d:\d\d", value):  # a day has no time
        assert status == 422
    elif expect.startswith("OK→"):
        assert newest(session).due_on.isoformat() == expect.removeprefix("OK→")


def judge_rest_day(session, case, answer, before):
    """REST takes the days of the page, and those of ISO; no day is null, not an empty text."""
    if not case["value"].strip():
        assert (answer.status_code, count(session)) == (422, before)
        return
    try:
        day = date.fromisoformat(case["value"])
    except ValueError:
        judge_day(session, case, answer.status_code, before)
    else:
        assert (answer.status_code, newest(session).due_on) == (201, day)
    assert answer.status_code != 422 or list(answer.json["errors"]) == ["due_on"]


class TestDates:
    def test_by_the_page(self, session, browser, untouched):
        for case in DAYS:
            before = count(session)
            answer = browser.post("/tasks/add", data={"title": "یک", "due_on": case["value"]})

            judge_day(session, case, answer.status_code, before)
            assert answer.status_code != 422 or 'id="due_on-error"' in answer.text
            assert untouched()

    def test_by_rest(self, session, api, untouched):
        for case in DAYS:
            before = count(session)
            answer = api("POST", "tasks/", {"title": "یک", "due_on": case["value"]})

            judge_rest_day(session, case, answer, before)
            assert untouched()

    def test_in_bulk(self, session, browser, task, untouched):
        for case in DAYS:
            earlier, value = stored(session, task).due_on, case["value"]
            data = {"action": "change", "_step": "run", "rowid": str(task), "due_on": value}
            answer = browser.post("/tasks/action_post", data=data, headers=HTMX)

            assert answer.status_code in {204, 422}, case["id"]
            expected = case["expect"].removeprefix("OK→")
            is_day = expected != case["expect"] and not re.search(r"\d\d:\d\d", value)
            due_on = stored(session, task).due_on
            assert (due_on.isoformat() if is_day else due_on) == (expected if is_day else earlier), case["id"]
        assert untouched()

    def test_in_filters(self, browser):
        for case in DATES:
            for name in ("due_on", "created_at"):
                arguments = {"tab": "all", f"f_{name}_from": case["value"], f"f_{name}_to": case["value"]}
                for path in ("/tasks/", "/tasks/board"):
                    answer = browser.get(path, query_string=arguments)
                    assert answer.status_code == 200
                    assert "از همکار" not in answer.text
                    assert "از غریبه" not in answer.text


class TestTimes:
    def test_are_refused_at_the_field(self, session, browser, api, untouched):
        for value in ("24:00", "25:61", "-1:00", "1403/02/31 24:00", "\x00", "9" * 400, "نه", "{name}"):
            before, body = count(session), {"title": "یک", "due_on": "1405/06/01", "due_time": value}
            page, rest = browser.post("/tasks/add", data=body), api("POST", "tasks/", body)

            assert (page.status_code, rest.status_code) == (422, 422), value
            assert 'id="due_time-error"' in page.text
            assert list(rest.json["errors"]) == ["due_time"]
            assert count(session) == before
        assert untouched()


class TestTexts:
    @pytest.mark.parametrize("name", ["title", "description"])
    @pytest.mark.parametrize("way", ["page", "rest"])
    def test_are_stored_as_they_are(self, session, browser, api, untouched, way, name):
        for text in SMS.values():
            before, body = count(session), {"title": "یک", name: text}
            answer = browser.post("/tasks/add", data=body) if way == "page" else api("POST", "tasks/", body)

            assert answer.status_code in {201, 302, 422}
            if name == "title" and len(clean_line(text)) > 160:
                assert answer.status_code == 422
            if answer.status_code == 422:
                assert count(session) == before
            else:
                clean = clean_line if name == "title" else clean_text
                assert getattr(newest(session), name) == clean(text)
            assert untouched()

    def test_find_nothing_of_others(self, browser):
        for text in SMS.values():
            for arguments in ({"tab": "all", "q": text[:500]}, {"tab": "all", "f_title": text[:500]}):
                answer = browser.get("/tasks/", query_string=arguments)
                assert answer.status_code == 200
                assert "از غریبه" not in answer.text


class TestChoices:
    @pytest.mark.parametrize("name", ["status", "repeats", "repeat_weekdays", "remind"])
    def test_of_a_form_are_known_ones(self, session, browser, api, untouched, name):
        for junk in JUNK:
            before, body = count(session), {"title": "یک", "due_on": "1405/06/01", name: junk}
            for answer in (browser.post("/tasks/add", data=body), api("POST", "tasks/", body)):
                assert answer.status_code in {201, 302, 422}
                added = count(session) - before
                assert added == (0 if answer.status_code == 422 else 1)
                before += added
                assert answer.status_code == 422 or not junk.strip("\x00 ")
            assert untouched()

    def test_of_the_reminder(self, session, browser, task, others, untouched):
        for junk in JUNK:
            for key in (task, *others):
                answer = browser.post(f"/tasks/{key}/snooze/{junk or 'nothing'}", headers=HTMX)
                assert answer.status_code in {400, 404, 405, 308}
            assert stored(session, task).remind_at is None
            assert untouched()

    @pytest.mark.parametrize("choice", ["quarter", "hour", "tomorrow"])
    def test_of_the_reminder_of_others(self, browser, others, untouched, choice):
        for key in others:
            assert browser.post(f"/tasks/{key}/snooze/{choice}", headers=HTMX).status_code == 404
        assert untouched()

    def test_of_relations(self, session, browser, api, untouched):
        for junk in JUNK:
            before = count(session)
            for name in ("owner", "follow_up"):
                for answer in (
                    browser.post("/tasks/add", data={"title": "یک", name: junk}),
                    api("POST", "tasks/", {"title": "یک", name: junk}),
                ):
                    assert answer.status_code in {201, 302, 422}
                    before += answer.status_code != 422
                    assert count(session) == before
            assert untouched()
