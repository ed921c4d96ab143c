"""The next contact in the edit form: the state of the follow-up goes with it, and a closed one takes none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.lib.clock import now
from app.lib.jalali import format_datetime
from models.follow_up import FollowUp, FollowUpStatus
from tests.factories import FollowUpFactory
from tests.support.pages import untouched

CLOSED = [FollowUpStatus.WON, FollowUpStatus.LOST, FollowUpStatus.INVALID]


@pytest.fixture
def make(session, consultant):
    """A follow-up of the consultant, beside another one."""

    def one(**fields):
        FollowUpFactory(consultant_id=consultant.id)
        row = FollowUpFactory(consultant_id=consultant.id, **fields)
        session.commit()
        return row

    return one


def save(browser, row, moment):
    form = untouched(browser.get(f"/follow-ups/edit/{row.id}").text)
    sent = form | {"next_at": format_datetime(moment) if moment else ""}
    return browser.post(f"/follow-ups/edit/{row.id}", data=sent)


def stored(session, row):
    session.expire_all()
    found = session.get(FollowUp, row.id)
    return found.status, found.next_at is not None


def test_a_follow_up_waits_for_it(session, login, consultant, make):
    row, browser = make(), login(consultant)

    assert save(browser, row, now() + timedelta(days=2)).status_code == 302
    assert stored(session, row) == (FollowUpStatus.WAITING, True)
    assert save(browser, row, None).status_code == 302
    assert stored(session, row) == (FollowUpStatus.OPEN, False)


@pytest.mark.parametrize("status", CLOSED)
def test_a_closed_one_says_at_the_field_what_to_do(session, login, consultant, make, status):
    row, browser = make(status=status), login(consultant)

    answer = save(browser, row, now() + timedelta(days=2))

    assert answer.status_code == 422
    assert "این پیگیری بسته است" in answer.text.partition("next_at-error")[2]
    assert stored(session, row) == (status, False)


@pytest.mark.parametrize("status", CLOSED)
def test_another_value_of_a_closed_one_is_saved(session, login, consultant, make, status):
    row, browser = make(status=status), login(consultant)

    assert save(browser, row, None).status_code == 302
    assert stored(session, row) == (status, False)
