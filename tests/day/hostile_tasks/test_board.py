"""Hostile places and columns at the board of tasks."""

from __future__ import annotations

import pytest

from models.task import TaskStatus
from tests.day.hostile_tasks.steps import JUNK, stored
from tests.day.message_steps import HTMX


def test_a_column_is_a_known_one(session, browser, task, untouched):
    for junk in JUNK:
        answer = browser.post(f"/tasks/{task}/move", data={"to": junk}, headers=HTMX)

        assert answer.status_code == 422
        assert stored(session, task).status is TaskStatus.TODO
        assert untouched()


@pytest.mark.parametrize("name", ["above", "below", "at", "row_version"])
def test_an_unreadable_place_harms_nothing(session, browser, task, untouched, name):
    for junk in JUNK:
        earlier = stored(session, task).status
        to = "todo" if earlier is TaskStatus.DOING else "doing"
        answer = browser.post(f"/tasks/{task}/move", data={"to": to, name: junk}, headers=HTMX)

        assert answer.status_code in {204, 409, 422}, junk
        assert (stored(session, task).status is not earlier) is (answer.status_code == 204), junk
        assert browser.get("/tasks/board?tab=all").status_code == 200
        assert untouched()


def test_neighbours_of_others_give_no_place(session, browser, task, others, untouched):
    for number, key in enumerate(others):
        to = ("doing", "todo")[number % 2]
        answer = browser.post(
            f"/tasks/{task}/move", data={"to": to, "above": key, "below": key}, headers=HTMX
        )
        assert answer.status_code == 204
        assert "از غریبه" not in answer.text
    assert untouched()


def test_cards_of_others_are_not_found(browser, others, untouched):
    for key in (*others, 99_999_999):
        answer = browser.post(f"/tasks/{key}/move", data={"to": "done"})
        assert answer.status_code == 404
        assert "از همکار" not in answer.text
        assert "از غریبه" not in answer.text
    assert untouched()


def test_further_cards_of_a_place(browser):
    for junk in JUNK:
        for name in ("after", "shown_todo", "page", "at"):
            answer = browser.get("/tasks/board/todo", query_string={"tab": "all", name: junk})
            assert answer.status_code in {200, 404}
            assert "از غریبه" not in answer.text
