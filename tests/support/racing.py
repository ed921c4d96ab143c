"""Several people at once: browsers that are really logged in, and acts that really begin together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from time import monotonic
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from app.extensions import db
from models.tenancy.scope import Actor, acting_as
from tests import factories

# People of an arena log in for real; a weak hash keeps that short.
_HASH = generate_password_hash(factories.PASSWORD, "pbkdf2:sha256:1")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each of *acts* returned, all of them begun together; raises what any of them raised."""
    start = Barrier(len(acts), timeout=30)

    def run(act: Callable[[], Any]) -> Any:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, act) for act in acts]]


def wait_for_a_lock(act: Future[Any] | None = None) -> None:
    """Return once some statement waits for the lock of another, or *act* has ended."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    deadline = monotonic() + 30
    with db.engine.connect() as connection:
        while not connection.scalar(waiting) and not (act is not None and act.done()):
            assert monotonic() < deadline, "nobody waits"
            connection.rollback()


class Arena:
    """An organisation whose rows are committed, for people who work on it from several threads."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.app, self.session = app, session
        self.organization_id = factories.organization_with("arena").id
        session.commit()

    def member(self, role: str, name: str, **fields: Any) -> int:
        """The id of a new person."""
        with self.actor():
            organization = self.session.get(factories.Organization, self.organization_id)
            person = factories.member(role, organization, name, **fields)
            person.password = _HASH
            return person.id

    def admin(self, name: str) -> int:
        """The id of a new platform admin."""
        with self.actor():
            person = factories.member("Admin", None, name)
            person.password = _HASH
            return person.id

    def operator(self, name: str) -> int:
        """The id of a new operator of the platform."""
        with self.actor():
            person = factories.member("Operator", None, name)
            person.password = _HASH
            return person.id

    def browser(self, name: str) -> FlaskClient:
        client = self.app.test_client()
        client.post("/login/", data={"username": name, "password": factories.PASSWORD})
        return client

    def same_browser(self, browser: FlaskClient) -> FlaskClient:
        """Another click in *browser* while the first is on its way."""
        client = self.app.test_client()
        with browser.session_transaction() as kept, client.session_transaction() as cookie:
            cookie.update(kept)
        return client

    @contextmanager
    def actor(self, member_id: int | None = None) -> Iterator[Session]:
        """The organisation's session; what is written in the block is committed after it."""
        with acting_as(self.session, Actor(self.organization_id, member_id)):
            yield self.session
            self.session.commit()

    def all(self, statement: Any) -> Sequence[Any]:
        """What everybody can see by now."""
        with self.actor() as session:
            return session.execute(statement.execution_options(with_deleted=True)).all()
