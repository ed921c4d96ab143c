"""Two undos of a result at once, and an undo against a newer result."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select

from models.follow_up import FollowUp, FollowUpEntry
from tests.day.result_steps import HTMX, undo, undo_of
from tests.factories import FollowUpFactory, ResultTitleFactory
from tests.support.racing import at_once


@pytest.mark.postgresql
class TestRaces:
    ROUNDS = 8

    @pytest.fixture
    def desk(self, arena):
        key = arena.member("Consultant", "sara", first_name="سارا", last_name="محمدی")
        with arena.actor():
            rows = [FollowUpFactory(consultant_id=key).id for _ in range(self.ROUNDS)]
            title = ResultTitleFactory().id
        return arena.browser("sara"), rows, title

    def test_two_undos_at_once_leave_one(self, arena, desk):
        browser, rows, title = desk
        again = arena.browser("sara")
        for key in rows:
            url = self.undo_url(browser, key, title)

            toasts = at_once(partial(undo, browser, url), partial(undo, again, url))

            assert sorted(toast["level"] for toast in toasts) == ["danger", "success"]
            undone = arena.all(select(FollowUpEntry.id).where(FollowUpEntry.undoes_id.is_not(None)))
            assert len(undone) == rows.index(key) + 1

    def test_an_undo_against_a_newer_result_loses_nothing(self, arena, desk):
        browser, rows, title = desk
        again = arena.browser("sara")
        for key in rows:
            url = self.undo_url(browser, key, title)

            toast, answer = at_once(
                partial(undo, browser, url),
                partial(again.post, f"/follow-ups/{key}/result", data={"result_title": title}, headers=HTMX),
            )

            assert answer.status_code == 204
            [(attempts,)] = arena.all(select(FollowUp.attempts).where(FollowUp.id == key))
            # The newer result counts; the first one counts unless it was taken back before.
            assert attempts == (1 if toast["level"] == "success" else 2)

    @staticmethod
    def undo_url(browser, key, title):
        data = {"result_title": title, "token": str(uuid4())}
        return undo_of(browser.post(f"/follow-ups/{key}/result", data=data, headers=HTMX))
