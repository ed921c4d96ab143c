"""What a list page may cost: few statements whoever asks for whatever, few bytes, and no second look at a connection in use."""

import gzip
import os
import re

import psycopg
import pytest
from sqlalchemy import text

import views
from app import extensions
from app.extensions import db
from app.lib.clock import now
from app.lib.discover import import_all
from app.lib.persian import persian_digits
from app.panel.queries import counts as counting
from app.panel.queries import fetch
from app.panel.section import Section
from tests.conftest import SERVER
from tests.factories import CustomerFactory, FollowUpFactory, ProductFactory

MOST_STATEMENTS, MOST_BYTES = 6, 30 * 1024
import_all(views)
LISTS = sorted(section.slug for section in Section.registry if section.only_in is None)


@pytest.fixture
def follow_ups(consultant):
    return [FollowUpFactory(consultant=consultant, customer=CustomerFactory()) for _ in range(30)]


@pytest.mark.parametrize("slug", LISTS)
@pytest.mark.parametrize("who", ["manager", "consultant"])
def test_every_list_takes_few_statements(
    request, login, manager, consultant, follow_ups, statements, slug, who
):
    client = login(request.getfixturevalue(who))
    client.get("/account/")  # What a process learns once is no page's cost.
    statements.clear()
    answer = client.get(f"/{slug}/")

    assert answer.status_code in {200, 403}
    assert len(statements) <= MOST_STATEMENTS


@pytest.mark.parametrize(
    "arguments",
    [
        "tab=all",
        "tab=all&end=1",
        "tab=all&sort=next_at",
        "tab=all&q=علی",
        "tab=all&q=0912",
        "tab=all&f_attempts_from=0&f_next_at_is=empty",
        "tab=all&f_status=open&f_product={product}",
        "tab=new&after={middle}.{middle}&n=16",
    ],
)
def test_narrowed_and_deep_pages_take_no_more(login, manager, follow_ups, statements, arguments):
    client = login(manager)
    client.get("/account/")
    place = {"product": follow_ups[0].product_id, "middle": follow_ups[15].id}
    statements.clear()
    answer = client.get(f"/follow-ups/?{arguments.format(**place)}")

    assert answer.status_code == 200
    assert len(statements) <= MOST_STATEMENTS


def test_a_page_of_25_rows_is_small(login, manager, follow_ups):
    answer = login(manager).get("/follow-ups/?tab=all", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data).count(b"data-pk=") == 25
    assert len(answer.data) <= MOST_BYTES


@pytest.mark.parametrize(
    ("address", "most"), [("", 2), ("?tab=new", 2), ("?tab=all", 2), ("?tab=all&q=علی", 2)]
)
def test_rows_bring_the_numbers_along(login, manager, follow_ups, statements, address, most):
    browser = login(manager)
    browser.get("/follow-ups/")
    for follow_up in follow_ups[:3]:
        follow_up.next_at = now()
    follow_ups[0].customer.first_name = "علی"
    db.session.flush()
    statements.clear()
    page = browser.get(f"/follow-ups/{address}").text

    assert re.findall(r'<span class="count">([^<]+)</span></a>', page) == ["۳", "۳۰"]
    assert len(statements) <= most


def test_a_page_without_rows_still_has_the_numbers(login, manager, follow_ups):
    page = login(manager).get("/follow-ups/?tab=future").text

    assert re.findall(r'<span class="count">([^<]+)</span></a>', page)[1:] == ["۳۰"]


@pytest.mark.parametrize("size", [26, 28, 29, 40])
def test_a_page_tells_its_number_whether_it_counts_all_rows_or_not(
    login, manager, session, monkeypatch, size
):
    monkeypatch.setattr(fetch, "AHEAD", 28)
    for _row in range(size):
        ProductFactory(title="یگانه")
    session.commit()

    page = login(manager).get("/products/?q=یگانه").text

    assert f"۱ تا ۲۵ از {persian_digits(size)}" in page


class TestALongList:
    """Caps of four and two, so that thirty rows are many."""

    @pytest.fixture
    def browser(self, login, manager, follow_ups, monkeypatch):
        monkeypatch.setattr(counting, "COUNT_CAP", 4)
        monkeypatch.setattr(counting, "BADGE_CAP", 2)
        monkeypatch.setattr(fetch, "AHEAD", 2)
        return login(manager)

    def counted(self, statements, act):
        statements.clear()
        page = act().text
        # One more than the cap: the list itself; the numbers of other tabs are small and asked for each time.
        return page, [each for each in statements if "count(" in each and "LIMIT 5" in each]

    def test_is_counted_once_a_minute(self, browser, statements):
        first, counts = self.counted(statements, lambda: browser.get("/follow-ups/?tab=all"))
        again, no_more = self.counted(statements, lambda: browser.get("/follow-ups/?tab=all&sort=attempts"))

        assert "از بیش از ۴" in first
        assert "از بیش از ۴" in again
        assert (len(counts), len(no_more)) == (1, 0)

    def test_is_another_one_for_another_filter_and_member(self, browser, login, consultant, statements):
        browser.get("/follow-ups/?tab=all")
        _page, filtered = self.counted(
            statements, lambda: browser.get("/follow-ups/?tab=all&f_attempts_from=0")
        )
        _page, others = self.counted(statements, lambda: login(consultant).get("/follow-ups/?tab=all"))

        assert (len(filtered), len(others)) == (1, 1)

    def test_tells_its_number_as_soon_as_a_page_has_all_of_it(self, browser, follow_ups):
        browser.get("/follow-ups/?tab=new")
        for follow_up in follow_ups[3:]:
            follow_up.deleted_at = now()
        db.session.flush()

        assert "۱ تا ۳ از ۳" in browser.get("/follow-ups/?tab=new").text

    def test_a_short_one_is_counted_every_time(self, login, manager, follow_ups):
        browser = login(manager)
        before = browser.get("/follow-ups/?tab=new").text
        follow_ups[0].deleted_at = now()
        db.session.flush()

        assert "۱ تا ۲۵ از ۳۰" in before
        assert "۱ تا ۲۵ از ۲۹" in browser.get("/follow-ups/?tab=new").text


class TestAPageThatLooksAhead:
    """It tells how many rows match without a question of its own."""

    def counted(self, statements, browser, address):
        statements.clear()
        page = browser.get(address).text
        # The numbers on tabs are asked for as well, but stop at a thousand.
        return page, [each for each in statements if f"LIMIT {counting.COUNT_CAP + 1}" in each]

    @pytest.mark.parametrize("order", ["", "&end=1", "&sort=attempts", "&sort=-attempts&end=1"])
    def test_needs_no_counting(self, login, manager, follow_ups, statements, order):
        page, counts = self.counted(
            statements, login(manager), f"/follow-ups/?tab=all&f_attempts_from=0{order}"
        )

        assert "از ۳۰" in page
        assert not counts

    def test_counts_once_more_where_there_is_more_to_see(
        self, login, manager, follow_ups, statements, monkeypatch
    ):
        monkeypatch.setattr(fetch, "AHEAD", 29)
        page, counts = self.counted(statements, login(manager), "/follow-ups/?tab=all&f_attempts_from=0")

        assert "۱ تا ۲۵ از ۳۰" in page
        assert len(counts) == 1

    @pytest.mark.parametrize(("empty", "asked"), [(28, 0), (27, 0), (3, 1), (0, 1)])
    def test_sees_rows_with_and_without_a_value_only_where_it_reads_both(
        self, login, manager, follow_ups, statements, empty, asked
    ):
        for number, follow_up in enumerate(follow_ups):
            follow_up.next_at = None if number < empty else now()
        db.session.flush()
        page, counts = self.counted(
            statements, login(manager), "/follow-ups/?tab=all&f_attempts_from=0&sort=next_at"
        )

        assert "۱ تا ۲۵ از ۳۰" in page
        assert len(counts) == asked


@pytest.mark.postgresql
def test_a_connection_that_rested_and_died_is_replaced(app, monkeypatch):
    monkeypatch.setattr(extensions, "TEST_AFTER", 0.0)
    # One connection alone: a second one in the pool would leave the dead one to the next test.
    db.engine.dispose()
    with db.engine.connect() as connection:
        dead = connection.scalar(text("SELECT pg_backend_pid()"))
    with psycopg.connect(os.environ[SERVER].replace("+psycopg", "")) as server:
        server.execute("SELECT pg_terminate_backend(%s)", [dead])

    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != dead
