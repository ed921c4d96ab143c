"""Drills D-22 and R-20: web workers that are killed in mid-upload, and files that change while somebody reads them."""

import hashlib
import io
import os
import re
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPException
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import func, select

from models.attachment import Attachment, stored_name_of
from tests.attachment.file_steps import SMALL_PDF, picture
from tests.factories import CustomerFactory
from tests.support.racing import at_once
from tests.support.stack import Visitor, running_stack, wait_until

POSTS, ROUNDS = 24, 20
# A killed worker takes seconds to import the panel again.
MOST_KILLS = 4


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def logged_in(url: str) -> Visitor:
    visitor = Visitor(url)
    visitor.get("/login/")
    visitor.post("/login/", username="manager-demo1", password="ava-demo-7")
    return visitor


def send_until_taken(visitor: Visitor, customer: int, number: int) -> int:
    """Post a file again and again, as an impatient browser does, until somebody says that it is there."""
    data = SMALL_PDF + str(number).encode() * 200_000
    for tries in range(1, 200):
        try:
            visitor.get(f"/customers/show/{customer}")
            visitor.post(
                f"/customers/{customer}/files/add", files=(f"{number}.pdf", data), _nonce=f"post {number}"
            )
        except (OSError, HTTPException):
            continue
        return tries
    raise AssertionError("it was never taken")


@pytest.mark.processes
def test_d22_a_killed_worker_leaves_row_and_file_or_neither(tmp_path):
    environment = {"DATABASE_URL": "", "REDIS_URL": ""}
    with running_stack(tmp_path, environment) as stack:
        first = logged_in(stack.url)
        keys = list(dict.fromkeys(re.findall(r'<tr[^>]*data-pk="(\d+)"', first.get("/customers/"))))[:2]
        posts = [(int(keys[number % 2]), number) for number in range(POSTS)]
        visitors = [first, logged_in(stack.url)]

        def work(mine: int) -> int:
            return sum(send_until_taken(visitors[mine], *post) for post in posts[mine::2])

        with ThreadPoolExecutor(2) as pool:
            works = [pool.submit(work, mine) for mine in (0, 1)]
            kills = 0
            while not all(each.done() for each in works) and kills < MOST_KILLS:
                before = set(children(stack.pid("web")))
                for pid in before:
                    os.kill(pid, signal.SIGKILL)
                kills += 1
                wait_until(lambda known=before: set(children(stack.pid("web"))) - known, stack.process)
                wait_until(partial(_is_up, stack.url), stack.process)
            tries = sum(each.result(timeout=120) for each in works)

    with sqlite3.connect(tmp_path / "ava.db") as database:
        rows = database.execute(
            "SELECT original_name, uuid, sha256 FROM attachments WHERE parent_id IS NOT NULL AND original_name LIKE '%.pdf'"
            " AND parent_type = 'customers'"
        ).fetchall()
    database.close()
    stored = {
        path.relative_to(tmp_path / "uploads").as_posix(): path
        for path in (tmp_path / "uploads").glob("*/*/*")
    }

    assert tries > POSTS  # some were cut off, else the test says nothing
    assert sorted(name for name, *_rest in rows) == sorted(f"{number}.pdf" for number in range(POSTS))
    for _name, key, digest in rows:
        assert hashlib.sha256(stored[stored_name_of(UUID(key))].read_bytes()).hexdigest() == digest


def _is_up(url: str) -> bool:
    try:
        Visitor(url).get("/login/")
    except (OSError, HTTPException):
        return False
    return True


@pytest.fixture
def shared(arena):
    """A manager in two browsers, and a customer."""
    arena.member("Manager", "nasrin")
    browsers = [arena.browser("nasrin"), arena.browser("nasrin")]
    with arena.actor():
        return browsers, CustomerFactory().id


@pytest.mark.postgresql
def test_r20_a_file_that_is_replaced_is_read_whole(shared, arena):
    (writer, reader), _customer = shared
    profile = {"first_name": "نسرین", "last_name": "رضایی", "email": "nasrin@example.ir"}

    def replace(colour):
        drawn = io.BytesIO()
        Image.new("RGB", (600, 600), colour).save(drawn, "PNG")
        drawn.seek(0)
        return writer.post("/account/", data={**profile, "photo": (drawn, "a.png")})

    def read():
        answer = reader.get("/account/photo")
        data = answer.get_data()
        answer.close()
        return answer.status_code, data

    replace("red")
    for turn in range(ROUNDS):
        _saved, (code, data) = at_once(partial(replace, ("teal", "red")[turn % 2]), read)

        assert code == 200
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            assert image.size == (256, 256)


@pytest.mark.postgresql
def test_two_who_attach_at_once_share_the_twenty(shared, arena):
    browsers, customer = shared
    url = f"/customers/{customer}/files/add"

    def send(browser, number):
        return browser.post(
            url, data={"files": [(io.BytesIO(SMALL_PDF), f"{at}.pdf") for at in range(number)]}
        )

    send(browsers[0], 15)
    codes = [answer.status_code for answer in at_once(*(partial(send, each, 4) for each in browsers))]
    [(there,)] = arena.all(select(func.count(Attachment.id)))

    assert sorted(codes) == [302, 422]
    assert there == 19


@pytest.mark.postgresql
def test_the_same_form_at_the_same_moment_counts_once(shared, arena):
    browsers, customer = shared
    url = f"/customers/{customer}/files/add"

    def send(browser, nonce):
        return browser.post(url, data={"files": [(io.BytesIO(picture()), "a.jpg")], "_nonce": nonce})

    for turn in range(5):
        answers = at_once(*(partial(send, each, f"{turn}") for each in browsers))
        assert [answer.status_code for answer in answers] == [302, 302]
    [(there,)] = arena.all(select(func.count(Attachment.id)))

    assert there == 5
