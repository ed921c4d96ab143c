"""Databases that contain the rows of the common fixtures already, so that a test does not insert them again.

There is one for each set of common fixtures that a test asks for. It is copied from the one with a fixture less, and filled when the
first test needs it. A folder or file of tests may ask for one with further rows (`PreparedDatabases.with_rows`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.orm import Session

from app.extensions import db
from app.lib import clock
from models.member import Member
from models.organization import Organization
from models.tenancy.scope import Actor, bind
from tests import factories
from tests.support.beside import bury, settle_colleague, settle_next_door

SLUG = "alef"


def add_organization(_session: Session) -> Organization:
    return factories.organization_with(SLUG)


def add_manager(session: Session, organization: Organization) -> Member:
    """The manager with deleted rows of their own; another organisation works beside theirs."""
    settle_next_door(session)
    return _add_member(session, organization, "Manager")


def add_consultant(session: Session, organization: Organization) -> Member:
    return _add_member(session, organization, "Consultant")


def add_colleague(session: Session, organization: Organization) -> Member:
    return _add_member(session, organization, "Consultant", "colleague")


def _add_member(session: Session, organization: Organization, role: str, name: str | None = None) -> Member:
    person = factories.member(role, organization, name)
    bury(session, person)
    return person


_MEMBERS: Mapping[str, Callable[[Session, Organization], Member]] = {
    "manager": add_manager,
    "consultant": add_consultant,
    "colleague": add_colleague,
}
ROWS_OF_A_COLLEAGUE = "colleagues_rows"
COMMON = (*_MEMBERS, ROWS_OF_A_COLLEAGUE)

# Of rows, or of lists of rows.
Keys = Mapping[str, Any]


@dataclass(frozen=True)
class Prepared:
    """A database, and the keys of the organisation and the members in it by the names of their fixtures."""

    engine: Engine
    keys: Keys

    def has(self, name: str) -> bool:
        return name in self.keys


class PreparedDatabases:
    """The databases of one run; *empty* has the tables and roles only."""

    def __init__(self, empty: Engine, owner: Engine | None) -> None:
        """*owner* may create databases on the server of *empty*; None for SQLite."""
        self._owner = owner
        self._prepared: dict[tuple[str, ...], Prepared] = {(): Prepared(empty, {})}

    def of(self, fixtures: Collection[str]) -> Prepared:
        """The database of a test that asks for *fixtures*."""
        wanted = tuple(name for name in COMMON if name in fixtures) if "manager" in fixtures else ()
        return self._of(wanted)

    def with_rows(self, base: Prepared, name: str, add: Callable[[Session, Keys], Keys]) -> Prepared:
        """The database *base* with the rows of *add*, which returns their keys; *name* is that of *add* alone."""
        names = next(each for each, found in self._prepared.items() if found is base)
        return self._copied((*names, name), base, add)

    def _of(self, names: tuple[str, ...]) -> Prepared:
        if not names or names in self._prepared:
            return self._prepared[names]
        return self._copied(names, self._of(names[:-1]), partial(_add, names[-1]))

    def _copied(
        self, names: tuple[str, ...], base: Prepared, add: Callable[[Session, Keys], Keys]
    ) -> Prepared:
        if names not in self._prepared:
            engine = self._copy(base.engine.url, base.engine, len(self._prepared))
            self._prepared[names] = Prepared(engine, {**base.keys, **_fill(engine, base.keys, add)})
        return self._prepared[names]

    def _copy(self, url: URL, engine: Engine, number: int) -> Engine:
        empty = self._prepared[()].engine.url
        target = url.set(database=f"{empty.database}_{number}")
        engine.dispose()
        if self._owner is None:
            with (
                closing(sqlite3.connect(url.database or "")) as source,
                closing(sqlite3.connect(target.database or "")) as copy,
            ):
                source.backup(copy)
        else:
            with self._owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{target.database}"'))
                connection.execute(
                    text(
                        f'CREATE DATABASE "{target.database}" TEMPLATE "{url.database}" OWNER "{url.username}"'
                    )
                )
        return create_engine(target, **current_app.config["SQLALCHEMY_ENGINE_OPTIONS"])

    def dispose(self) -> None:
        for each in self._prepared.values():
            each.engine.dispose()


def _fill(engine: Engine, keys: Keys, add: Callable[[Session, Keys], Keys]) -> Keys:
    """Add the rows of *add* for the manager, where there is one; returns their keys."""
    before = db.engines[None]
    db.engines[None] = engine
    db.session.remove()
    try:
        session = db.session()
        if keys:
            bind(session, Actor(keys["organization"], keys.get("manager")))
        found = add(session, keys)
        session.commit()
        return found
    finally:
        db.session.remove()
        db.engines[None] = before
        clock.reset()


def _add(name: str, session: Session, keys: Keys) -> Keys:
    """The rows of a common fixture: the key of the new member, 0 for rows without one."""
    if keys:
        organization = session.get_one(Organization, keys["organization"])
    else:
        organization = add_organization(session)
        bind(session, Actor(organization.id))
    found = {"organization": organization.id}
    if name in _MEMBERS:
        return found | {name: _MEMBERS[name](session, organization).id}
    consultant = session.get_one(Member, keys["consultant"]) if "consultant" in keys else None
    settle_colleague(session, organization, consultant)
    return found | {name: 0}
