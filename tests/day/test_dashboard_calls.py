"""What is due, who called whom and the first contacts equal a slow count in plain Python, over random histories."""

import random
from datetime import timedelta
from itertools import product

import pytest

from app.lib.clock import now
from app.lib.jalali import TEHRAN, start_of_day, today
from app.services.assignment.assign import assign
from app.services.report.contact import STEPS, first_contact
from app.services.report.dashboard import due
from app.services.report.spans import last_days
from app.services.report.team import league, team
from models.follow_up import FollowUpEntry, FollowUpStatus
from models.order import OrderStatus
from models.result_title import ResultKind
from tests.day.test_dashboard_figures import is_in, moments
from tests.factories import FollowUpFactory, OrderFactory, ResultTitleFactory

DAYS = 7
SPAN = 30


@pytest.fixture
def people(session, consultant, colleague):
    session.add_all([consultant, colleague])
    return [consultant.id, colleague.id]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_due(session, manager, people, seed):
    chance, rows = random.Random(seed), []
    for _number in range(30):
        at = chance.choice([None, moments(chance), moments(chance), now() + timedelta(days=2)])
        of, status = chance.choice(people), chance.choice(list(FollowUpStatus))
        FollowUpFactory(consultant_id=of, next_at=at, status=status)
        if at is not None and not status.is_closed:
            rows.append((of, at))
    session.commit()
    days = [today() - timedelta(days=DAYS - 1 - number) for number in range(DAYS)]

    for of in (None, *people):
        mine = [at for owner, at in rows if of in {None, owner}]
        ended = [at for at in mine if at < start_of_day(today() + timedelta(days=1))]
        found = due(of, DAYS)
        assert found.by_day == [sum(at.astimezone(TEHRAN).date() == day for at in ended) for day in days]
        assert (found.late, found.total) == (sum(at < now() for at in ended), len(ended))


@pytest.mark.parametrize("seed", range(4))
def test_the_calls_of_the_league(session, manager, people, seed):
    chance, span = random.Random(seed), last_days(today(), SPAN)
    titles = [ResultTitleFactory(kind=kind) for kind in (ResultKind.OPEN, ResultKind.UNREACHABLE) * 2]
    work, calls = FollowUpFactory(consultant_id=people[0]), []
    for _number in range(40):
        title, by, at = chance.choice(titles), chance.choice(people), moments(chance)
        is_undone = chance.random() < 0.2
        session.add(
            FollowUpEntry(
                follow_up_id=work.id, result_title_id=title.id, by_id=by, at=at, is_undone=is_undone
            )
        )
        if not is_undone and is_in(at, span):
            calls.append((by, title.kind is not ResultKind.UNREACHABLE))
    titles[0].deleted_at = now()
    session.commit()

    found = {each.member.id: (each.calls, each.answered) for each in league(span, team()).rows}

    slow = {of: [answered for by, answered in calls if by == of] for of in people}
    assert found == {of: (len(answered), sum(answered)) for of, answered in slow.items() if answered}


@pytest.mark.parametrize("seed", range(4))
def test_the_first_contacts_and_how_many_of_them_bought(session, manager, consultant, colleague, seed):
    session.add_all([consultant, colleague])
    chance, span, rows = random.Random(seed), last_days(today(), SPAN), []
    waits = [None, *(timedelta(minutes=each, seconds=s) for each, s in product((0, *STEPS, 900), (0, 59)))]
    for _number in range(30):
        person, at, wait = chance.choice([consultant, colleague]), moments(chance), chance.choice(waits)
        row = assign(OrderFactory(status=OrderStatus.NEW), person, by=manager, at=at)
        row.first_contact_at = None if wait is None else at + wait
        row.status = chance.choice([FollowUpStatus.WON, FollowUpStatus.OPEN])
        if is_in(at, span):
            rows.append((person.id, at, wait, row.status is FollowUpStatus.WON))
    session.commit()

    for of in (None, consultant.id, colleague.id):
        slow = [[0, 0] for _step in range(len(STEPS) + 3)]
        minutes = []
        for owner, at, wait, is_won in rows:
            if of in {None, owner}:
                step = slow[_step(at, wait)]
                step[0], step[1] = step[0] + 1, step[1] + is_won
                minutes += [] if wait is None else [wait // timedelta(minutes=1)]
        found = first_contact(of, span)
        assert [[each.count, each.won] for each in found.steps] == slow
        assert found.median == (sorted(minutes)[(len(minutes) - 1) // 2] if minutes else None)


def _step(at, wait):
    """The place of the step: by minutes, later on the same day, on a later day, not yet."""
    if wait is None:
        return len(STEPS) + 2
    for number, most in enumerate(STEPS):
        if wait // timedelta(minutes=1) < most:
            return number
    is_same_day = at.astimezone(TEHRAN).date() == (at + wait).astimezone(TEHRAN).date()
    return len(STEPS) + (not is_same_day)
