"""Rows of people and organisations in tables without an organisation, each marked with the word of whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask_appbuilder import Model
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from app.lib.clock import now
from models.base import Tenant
from models.member import Member
from models.tenancy.scope import Actor, acting_as

Values = dict[str, Any]
_LETTERS = str.maketrans("0123456789", "abcdefghij")


def word_of(member_id: int) -> str:
    """A word that stands in nothing but the rows of this member; letters only, so that no page spells it differently."""
    return f"priv{str(member_id).translate(_LETTERS)}q"


def tables_without_organization() -> list[Table]:
    """Every table that no mapper binds to an organisation."""
    bound = {
        table
        for mapper in Model.registry.mappers
        if issubclass(mapper.class_, Tenant)
        for table in mapper.tables
    }
    return [table for table in Model.metadata.sorted_tables if table not in bound]


# Tables whose rows belong to nobody: the words of the code, and what FAB brings and the panel has no rows in.
NOBODYS: Mapping[str, str] = {
    **dict.fromkeys(
        ("ab_permission", "ab_view_menu", "ab_permission_view"), "names of rights, from the code"
    ),
    **dict.fromkeys(
        ("ab_permission_view_role", "ab_user_role", "ab_group_role", "ab_user_group"), "pairs of keys"
    ),
    "role_editions": "a random number for each role",
    "sms_local_ids": "one counter",
}

# Tables of organisations whose rows are one member's all the same.
PERSONAL = ("export_jobs", "bulk_jobs", "table_views", "saved_reports", "notifications")


def _session(person: Member, word: str) -> Values:
    return _hash(id_hash=word) | _of(person, ip=word, agent=word, epoch=person.session_epoch)


def _token(person: Member, word: str) -> Values:
    ends = now() + timedelta(days=1)
    return _hash(token_hash=word) | _of(
        person, prefix=word[:12], name=word, epoch=person.session_epoch, expires_at=ends
    )


def _job(person: Member, word: str) -> Values:
    values = {"client_token": uuid4(), "section": word, "error": word, "status": "failed"}
    return {**values, "created_by_id": person.id, "organization_id": person.organization_id}


def _of(person: Member, **values: Any) -> Values:
    return {"member_id": person.id, **values}


def _hash(**values: str) -> Values:
    """A digest as the column holds it, with the word in front."""
    return {name: f"{word:0<64}" for name, word in values.items()}


# One row for a person; a table that is in none of these mappings fails the test.
MAKERS: Mapping[str, Callable[[Member, str], Values]] = {
    "ab_group": lambda _person, word: {"name": word, "label": word, "description": word},
    "ab_register_user": lambda _person, word: {
        **dict.fromkeys(
            ("first_name", "last_name", "username", "email", "password", "registration_hash"), word
        )
    },
    "ab_api_key": lambda person, word: (
        _hash(key_hash=word, lookup_hash=word)
        | {"name": word, "key_prefix": word, "user_id": person.id, "active": True, "uuid": str(uuid4())}
    ),
    "ab_role": lambda person, word: {"name": f"all:{person.organization_id}:{word}"},
    "user_sessions": _session,
    "login_events": lambda person, word: _of(person, outcome="wrong", ip=word, agent=word),
    "throttles": lambda person, word: {
        "key": f"login:{word}",
        "count": 1,
        "window_ends_at": now() + timedelta(days=1),
    },
    "password_resets": lambda person, word: _hash(token_hash=word, bound_to=word) | _of(person),
    "recovery_codes": lambda person, word: _hash(code_hash=word) | _of(person),
    "sent_forms": lambda person, word: _hash(key=word, content=word) | {"row_id": person.id},
    "api_tokens": _token,
    "outgoing_mails": lambda person, word: _of(
        person, kind="invitation", address=f"{word}@example.ir", details={"x": word}
    ),
    "table_settings": lambda person, word: _of(
        person, section="customers", columns=["mobile", word], density="compact"
    ),
    "sms_providers": lambda _person, word: {
        "name": word,
        "base_url": f"http://{word}/v1",
        "sealed_key_secret": word,
        "line": word,
    },
    "sms_provider_health": lambda person, word: {"provider_id": person.id, "stop_code": word, "stop": None},
    "sms_delivery_events": lambda person, word: (
        _hash(event_sha256=word) | {"provider_id": person.id, "provider_message_id": word, "status": word}
    ),
    "sms_inbound": lambda person, word: {
        "provider_id": person.id,
        "provider_message_id": word,
        "mobile": "+989120000000",
        "line": word,
        "text": word,
    },
    "export_jobs": lambda person, word: _job(person, word) | {"original_name": word},
    "bulk_jobs": lambda person, word: _job(person, word) | {"action": "remove", "batch": uuid4()},
    # A kind with the word in it would be shown as one that is no longer declared.
    "notifications": lambda person, word: _of(
        person,
        organization_id=person.organization_id,
        kind="jobs.bulk_jobs.status.done",
        section="jobs",
        address=f"/jobs/{word}",
        params={"name": word},
        act=word,
    ),
    "saved_reports": lambda person, word: _of(
        person,
        section="reports/final-sales",
        name=word,
        query="range=last_month",
        organization_id=person.organization_id,
        created_by_id=person.id,
    ),
    "table_views": lambda person, word: _of(
        person,
        section="customers",
        name=word,
        organization_id=person.organization_id,
        created_by_id=person.id,
    ),
}
# Rows that are there already: the word goes into what only their own people, or only they, may read.
MARKED = ("ab_user", "organizations")


def fill(session: Session, member_id: int, *, of_another_organization: bool = False) -> set[int]:
    """One row of a member in every table, found by their word; returns the keys that a page may be asked for."""
    home = session.scalar(select(Member.organization_id).where(Member.id == member_id))
    with acting_as(session, Actor(home)):
        person = session.get_one(Member, member_id)
        keys = {member_id, home, *_insert_rows(session, person, with_role=of_another_organization)}
        _mark(person, word_of(member_id), of_another_organization=of_another_organization)
    session.commit()
    return keys


def _insert_rows(session: Session, person: Member, *, with_role: bool) -> Iterator[int]:
    """The role of the acting organisation is for its manager to see, so a colleague brings none."""
    for table in [*tables_without_organization(), *(Model.metadata.tables[name] for name in PERSONAL)]:
        if table.name not in MAKERS or (table.name == "ab_role" and not with_role):
            continue
        given = {**_keys(table, person), **MAKERS[table.name](person, word_of(person.id))}
        made = session.connection().execute(table.insert().values(given))
        yield from (key for key in made.inserted_primary_key or () if isinstance(key, int))


def _mark(person: Member, word: str, *, of_another_organization: bool) -> None:
    person.totp_secret = word
    if of_another_organization:
        person.first_name, person.last_name, person.email = word, word, f"{word}@example.ir"
        organization = person.organization
        assert organization is not None
        organization.name = organization.slug = word


def _keys(table: Table, person: Member) -> Values:
    """A key that other makers name; where the table makes its own, nothing."""
    return {"id": person.id} if table.name == "sms_providers" else {}
