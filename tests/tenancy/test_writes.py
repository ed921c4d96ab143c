"""A page that wrote nothing ends with a commit, so that the driver's prepared statements survive; all others as before."""

from __future__ import annotations

import contextlib

import pytest
from sqlalchemy import delete, event, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.lib.clock import now
from models.account import Throttle
from models.product import Product
from models.tenancy.writes import has_written
from tests.factories import FollowUpFactory, ProductFactory


@pytest.fixture
def ends(app):
    """How the transactions of requests ended."""
    seen = []

    def committed(_session):
        seen.append("commit")

    def rolled_back(_session, transaction):
        if transaction.parent is None:
            seen.append("rollback")

    factory = db.session.session_factory
    event.listen(factory, "after_commit", committed)
    event.listen(factory, "after_soft_rollback", rolled_back)
    yield seen
    event.remove(factory, "after_commit", committed)
    event.remove(factory, "after_soft_rollback", rolled_back)


@pytest.fixture
def client(session, login, manager):
    client = login(manager)
    session.commit()
    client.get("/account/")
    return client


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize(
    "address",
    [
        "/follow-ups/",
        "/follow-ups/{}/panel",
        "/follow-ups/show/{}",
        "/follow-ups/edit/{}",
        "/customers/add",
        "/account/",
        "/audit/",
    ],
)
def test_a_page_that_only_reads_ends_with_a_commit(session, client, consultant, ends, method, address):
    address = address.format(FollowUpFactory(consultant_id=consultant.id).id)
    session.commit()
    ends.clear()

    assert getattr(client, method)(address).status_code == 200
    assert ends == ["commit"]


def test_a_page_that_is_not_there_ends_as_before(client, ends):
    ends.clear()

    assert client.get("/follow-ups/show/999999").status_code == 404
    assert "commit" not in ends


def throttle(key):
    return {"key": key, "count": 1, "window_ends_at": now(), "locks": 0}


def refused(session):
    """What a view does that tries to write and goes on when the database refuses."""
    session.add(Throttle(**throttle("there before")))
    with contextlib.suppress(IntegrityError):
        session.flush()


WRITES = {
    "core insert": lambda session: session.execute(insert(Throttle.__table__).values(throttle("a"))),
    "core update": lambda session: session.execute(update(Throttle.__table__).values(count=9)),
    "core delete": lambda session: session.execute(delete(Throttle.__table__)),
    "many": lambda session: session.connection().execute(insert(Throttle), [throttle("b"), throttle("c")]),
    "by the mapper": lambda session: session.execute(update(Product).values(price=7)),
    "text": lambda session: session.connection().exec_driver_sql("DELETE FROM throttles"),
    "text in small letters": lambda session: session.connection().execute(text("  delete from throttles")),
    "flushed": lambda session: (session.add(Throttle(**throttle("d"))), session.flush()),
    "refused by the database": refused,
    "into a new table": lambda session: session.connection().exec_driver_sql(
        "CREATE TEMPORARY TABLE copied AS SELECT * FROM throttles"
    ),
    "not flushed": lambda session: session.add(Throttle(**throttle("e"))),
}


@pytest.mark.parametrize("write", WRITES)
def test_what_a_page_wrote_and_did_not_commit_is_undone(session, client, monkeypatch, ends, write):
    product = ProductFactory(price=5)
    session.add(Throttle(**throttle("there before")))
    session.commit()

    def view(**_arguments):
        WRITES[write](db.session())
        return "done"

    monkeypatch.setitem(client.application.view_functions, "Products.index", view)
    ends.clear()

    assert client.get("/products/").text == "done"
    assert "commit" not in ends
    session.expire_all()
    assert product.price == 5
    assert session.execute(select(Throttle.key, Throttle.count)).all() == [("there before", 1)]


@pytest.mark.postgresql
def test_a_cte_that_writes_counts_as_writing(session, manager):
    session.commit()
    session.execute(select(Product))
    assert not has_written(session)
    session.connection().exec_driver_sql(
        "WITH gone AS (DELETE FROM throttles RETURNING 1) SELECT count(*) FROM gone"
    )
    assert has_written(session)


@pytest.mark.parametrize(
    "statement", [select(Product).with_for_update(), select(Product.updated_at, Product.deleted_at)]
)
def test_reading_and_locking_do_not(session, manager, statement):
    session.commit()
    session.execute(statement)

    assert not has_written(session)
