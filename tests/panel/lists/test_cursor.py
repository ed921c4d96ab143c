"""Turning pages: every row once, in any order, forwards and backwards, whatever comes and goes meanwhile."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.panel.queries import counts as counting
from models.follow_up import FollowUp
from tests.factories import CustomerFactory, FollowUpFactory, ProductFactory

pytestmark = pytest.mark.usefixtures("colleagues_rows")

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
SIZE = 25


@pytest.fixture
def client(login, consultant):
    """A consultant: what a colleague works on is on none of their pages, and in no count."""
    return login(consultant)


@pytest.fixture
def follow_ups(session, consultant):
    """Sixty follow-ups: many promised for the same instant, every third for none."""
    product, customer = ProductFactory(), CustomerFactory()
    rows = FollowUpFactory.create_batch(
        60, consultant_id=consultant.id, order__product=product, order__customer=customer
    )
    for number, row in enumerate(rows):
        row.next_at = None if number % 3 == 0 else NOON + timedelta(days=number % 5)
        row.attempts = number % 4
    session.commit()
    return rows


def keys_of(page):
    return [int(key) for key in re.findall(r'<tr[^>]*data-pk="(\d+)"', page.text)]


def turn(page, label):
    """The address behind an arrow, None when it leads nowhere."""
    found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*title="{label}"', page.text)
    return found[1].replace("&amp;", "&") if found else None


def walk(client, path, label):
    """The keys of every page from *path* on, in the order in which they are turned."""
    pages = []
    while path:
        page = client.get(path)
        pages.append(keys_of(page))
        path = turn(page, label)
    return pages


def sorted_keys(rows, name, *, descending):
    """What the whole list looks like: rows without a value last, ties by key in the same direction."""
    valued = [row for row in rows if getattr(row, name) is not None]
    empty = [row for row in rows if getattr(row, name) is None]
    valued.sort(key=lambda row: (getattr(row, name), row.id), reverse=descending)
    empty.sort(key=lambda row: row.id, reverse=descending)
    return [row.id for row in [*valued, *empty]]


@pytest.mark.parametrize("name", ["next_at", "attempts"])
@pytest.mark.parametrize("descending", [False, True])
def test_every_row_comes_once_and_in_order(client, follow_ups, name, descending):
    path = f"/follow-ups/?tab=all&sort={'-' if descending else ''}{name}"
    expected = sorted_keys(follow_ups, name, descending=descending)

    forwards = walk(client, path, "صفحهٔ بعد")
    backwards = walk(client, f"{path}&end=1", "صفحهٔ پیش")

    assert [key for page in forwards for key in page] == expected
    assert backwards[0] == expected[-SIZE:]
    assert backwards[1] == expected[-2 * SIZE : -SIZE]
    # The last page back is filled up to a whole one.
    assert backwards[2] == expected[:SIZE]


@pytest.mark.parametrize("valued", [SIZE - 1, SIZE, SIZE + 1])
@pytest.mark.parametrize("cap", [40, 1_000])
def test_a_page_that_ends_with_the_last_value_leads_to_the_rows_without_one(
    client, follow_ups, session, monkeypatch, valued, cap
):
    monkeypatch.setattr(counting, "COUNT_CAP", cap)
    for number, row in enumerate(follow_ups):
        row.next_at = NOON if number < valued else None
    session.commit()

    pages = walk(client, "/follow-ups/?tab=all&sort=next_at", "صفحهٔ بعد")
    backwards = walk(client, "/follow-ups/?tab=all&sort=next_at&end=1", "صفحهٔ پیش")

    assert [key for page in pages for key in page] == [row.id for row in follow_ups]
    assert sorted({key for page in backwards for key in page}) == [row.id for row in follow_ups]


def test_a_page_is_numbered_by_where_it_stands(client, follow_ups):
    first = client.get("/follow-ups/?tab=all")
    second = client.get(turn(first, "صفحهٔ بعد"))
    last = client.get(turn(first, "صفحهٔ آخر"))

    assert "۱ تا ۲۵ از ۶۰" in first.text
    assert "۲۶ تا ۵۰ از ۶۰" in second.text
    assert "۳۶ تا ۶۰ از ۶۰" in last.text
    assert turn(first, "صفحهٔ پیش") is turn(first, "صفحهٔ اول") is None
    assert turn(last, "صفحهٔ بعد") is turn(last, "صفحهٔ آخر") is None
    assert keys_of(client.get(turn(last, "صفحهٔ اول"))) == keys_of(first)


def test_above_the_cap_the_number_is_not_exact(client, follow_ups, monkeypatch):
    monkeypatch.setattr(counting, "COUNT_CAP", 40)

    page = client.get("/follow-ups/?tab=all")

    assert "۱ تا ۲۵ از بیش از ۴۰" in page.text
    assert keys_of(client.get(turn(page, "صفحهٔ آخر"))) == [row.id for row in follow_ups[SIZE - 1 :: -1]]


def test_above_the_cap_pages_are_numbered_from_the_beginning_alone(client, follow_ups, monkeypatch):
    monkeypatch.setattr(counting, "COUNT_CAP", 40)
    first = client.get("/follow-ups/?tab=all")
    second = client.get(turn(first, "صفحهٔ بعد"))
    last = client.get(turn(first, "صفحهٔ آخر"))
    before_last = client.get(turn(last, "صفحهٔ پیش"))

    assert "۲۶ تا ۵۰ از بیش از ۴۰" in second.text
    for page in (last, before_last):
        assert "۲۵ از بیش از ۴۰" in page.text
    assert "۱ تا ۲۵ از بیش از ۴۰" in client.get(turn(before_last, "صفحهٔ پیش")).text
    assert "۲۵ از بیش از ۴۰" in client.get(turn(before_last, "صفحهٔ بعد")).text


def test_rows_that_come_meanwhile_neither_repeat_nor_hide_any(session, client, follow_ups, consultant):
    first = client.get("/follow-ups/?tab=all")
    FollowUpFactory.create_batch(3, consultant_id=consultant.id)
    session.commit()

    second = client.get(turn(first, "صفحهٔ بعد"))

    assert keys_of(first)[-1] - keys_of(second)[0] == 1


def test_a_row_that_went_meanwhile_still_marks_the_place(session, client, follow_ups):
    first = client.get("/follow-ups/?tab=all")
    session.get(FollowUp, keys_of(first)[-1]).deleted_at = NOON
    session.commit()

    second = client.get(turn(first, "صفحهٔ بعد"))

    assert keys_of(second)[0] == keys_of(first)[-1] - 1


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "-",
        "7",
        "7-",
        "7.",
        "7.nonsense",
        "7.2026-01-01",
        "7.2026-01-01T00:00:00",
        "99999999999999999999.2026-01-01T00:00:00+00:00",
        "7.0001-01-01T00:00:00+23:59",
        "۷.۸",
        "7.\0",
        "7." + "9" * 400,
        "1;DROP TABLE follow_ups.1",
    ],
)
@pytest.mark.parametrize("argument", ["after", "before"])
@pytest.mark.parametrize("sort", ["next_at", "attempts", "-next_at"])
def test_a_place_that_can_not_be_read_is_the_beginning_or_empty_handed(
    client, consultant, argument, token, sort
):
    row = FollowUpFactory(consultant_id=consultant.id)

    page = client.get("/follow-ups/", query_string={"tab": "all", "sort": sort, argument: token, "n": "x"})

    assert page.status_code == 200
    assert keys_of(page) == [row.id]


def test_the_deep_page_reads_no_more_than_the_first(client, follow_ups, statements):
    counts = []
    for path in ("/follow-ups/?tab=all", "/follow-ups/?tab=all&end=1"):
        client.get(path)
        statements.clear()
        client.get(path)
        counts.append(len(statements))

    assert counts[0] == counts[1]
