"""D-03: the database crashes three times, during a campaign and while users save forms."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from os import environ
from time import monotonic
from urllib.error import HTTPError, URLError

from sqlalchemy import select

from models.customer import Customer
from tests.drills.drill_run import DrillRun
from tests.drills.processes import Process, pause, wait_for
from tests.drills.result import DrillChecks
from tests.factories import PASSWORD
from tests.support.stack import Visitor

CRASHES, POSTS, AT_ONCE = 3, 20, 4
_CUT_OFF = 502


@contextmanager
def _web(drill: DrillRun) -> Iterator[str]:
    gunicorn = "-W ignore -m gunicorn run:app --worker-class gthread --threads 8 --no-control-socket"
    bind = ["--bind", f"127.0.0.1:{environ['PORT']}"]
    web = Process("web", [sys.executable, *gunicorn.split(), *bind], drill.folder)
    web.start()
    try:
        yield f"http://127.0.0.1:{environ['PORT']}"
    finally:
        web.kill()


def run(drill: DrillRun, checks: DrillChecks) -> None:
    keys = drill.customers(1000)
    drill.sandbox.control(slow=0.4)
    drill.start()
    with _web(drill) as url, ThreadPoolExecutor(AT_ONCE) as pool:
        visitors = [wait_for(lambda: _visitor(url), "the web server") for _person in range(AT_ONCE)]
        drill.send(keys)
        shares = [range(person, POSTS, AT_ONCE) for person in range(AT_ONCE)]
        posts = [pool.submit(_save_all, *pair) for pair in zip(visitors, shares, strict=True)]
        for _crash in range(CRASHES):
            pause(2)
            drill.cluster.stop()
            pause(0.5)
            drill.cluster.start()
        back = monotonic()
        wait_for(lambda: _save(visitors[0], POSTS) < 400, "a form that is saved again", 10)
        checks.note(back_after=round(monotonic() - back, 1))
        answers = dict(pair for post in posts for pair in post.result())
    drill.wait_until_over()
    _compare(drill, checks, answers)


def _visitor(url: str) -> Visitor | None:
    visitor = Visitor(url)
    try:
        visitor.get("/login/")
        visitor.post("/login/", username="manager-drill", password=PASSWORD)
    except (HTTPError, URLError, OSError):
        return None
    return visitor


def _save_all(visitor: Visitor, share: range) -> list[tuple[int, int]]:
    """(number, status code) of each posted form."""
    answers = []
    for number in share:
        answers.append((number, _save(visitor, number)))
        pause(1)
    return answers


def _save(visitor: Visitor, number: int) -> int:
    """The status code for adding one customer; 200 only when the customer's page was reached."""
    try:
        visitor.get("/customers/add")
        fields = {"first_name": "پریسا", "last_name": "آزمون", "mobile": _mobile(number)}
        visitor.post("/customers/add", _form=visitor.hidden("_form"), **fields)
    except HTTPError as refused:
        refused.close()
        return refused.code
    except (URLError, OSError):
        return _CUT_OFF
    return 200 if not visitor.path.endswith("/add") else 422


def _mobile(number: int) -> str:
    return f"0935{number:07d}"


def _compare(drill: DrillRun, checks: DrillChecks, answers: dict[int, int]) -> None:
    statement = select(Customer.mobile).where(Customer.mobile.like("+98935%"))
    there = set(drill.look(lambda session: session.scalars(statement).all()))
    saved = {number for number, code in answers.items() if code < 400}
    checks.note(saved=len(saved), refused=sorted(code for code in answers.values() if code >= 400))
    missing = [number for number in saved if "+98" + _mobile(number)[1:] not in there]
    checks.expect(not missing, f"said to be saved and not there: {missing}")
    refused = [number for number, code in answers.items() if code == 503]
    hidden = [number for number in refused if "+98" + _mobile(number)[1:] in there]
    checks.expect(not hidden, f"said to be refused and there: {hidden}")
    checks.expect(all(code in {200, 422, 502, 503} for code in answers.values()), f"answers: {answers}")
