"""Writes the notifications of the events of a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete
from sqlalchemy.orm import Session, SessionTransaction

from app.lib.clock import now
from models.notifications.notification import Notification
from models.notifications.rules import Rule
from models.tenancy.scope import Actor, actor_or_none, bind
from models.upsert import upsert

_PART = 500
_LONGEST_NAME, _LONGEST_ADDRESS = 120, 200
_KEY = ("member_id", "kind", "act")
# Unscoped, because the rows belong to other members than the one who acts.
_OF_OTHERS = {"unscoped": True, "synchronize_session": False}


class Event(NamedTuple):
    """A row that meets a rule; `actor_id` is the member who did it, None for a program."""

    rule: Rule
    key: int
    organization_id: int
    actor_id: int | None
    act: str
    within: SessionTransaction | None


@contextmanager
def whole(session: Session, organization_id: int) -> Iterator[None]:
    """The session sees the whole organisation: an actor with own rows may give work to others."""
    before = actor_or_none(session) or Actor(organization_id)
    bind(session, replace(before, organization_id=organization_id, own=False))
    try:
        yield
        session.flush()
    finally:
        bind(session, before)


def write(session: Session, events: Sequence[Event]) -> None:
    """Write the notifications of one organisation."""
    groups: dict[tuple[Rule, str, int | None], set[int]] = {}
    for each in events:
        groups.setdefault((each.rule, each.act, each.actor_id), set()).add(each.key)
    for (rule, act, actor_id), keys in groups.items():
        recipients = _recipients(session, rule, sorted(keys), actor_id)
        former = _replace(session, rule, act, list(recipients)) if rule.once_per else {}
        common = {"organization_id": events[0].organization_id, "act": act}
        _insert(
            session,
            rule,
            [
                common | {"member_id": member_id} | _target(session, rule, rows, former.get(member_id, 0))
                for member_id, rows in recipients.items()
            ],
        )


def _recipients(
    session: Session, rule: Rule, keys: Sequence[int], actor_id: int | None
) -> dict[int, list[int]]:
    """The keys of the rows by the member who is notified of them."""
    conditions: list[ColumnElement[bool]] = []
    if rule.values is not None:
        conditions.append(getattr(rule.model, rule.column).in_(rule.values))
    if rule.where is not None:
        conditions.append(rule.where())
    found: dict[int, list[int]] = {}
    for start in range(0, len(keys), _PART):
        part = rule.model.id.in_(keys[start : start + _PART])
        for member_id, key in session.execute(rule.recipients().where(part, *conditions)):
            if member_id not in {None, actor_id}:
                found.setdefault(member_id, []).append(key)
    return found


def _replace(session: Session, rule: Rule, act: str, member_ids: Sequence[int]) -> dict[int, int]:
    """Delete the notifications about the same subject; returns the rows of the unread ones by member."""
    old = delete(Notification).where(
        Notification.member_id.in_(member_ids), Notification.kind == rule.kind, Notification.act == act
    )
    columns = Notification.member_id, Notification.count, Notification.read_at, Notification.dismissed_at
    found = session.execute(old.returning(*columns), execution_options=_OF_OTHERS)
    return {member_id: count for member_id, count, read, dismissed in found if not (read or dismissed)}


def _target(session: Session, rule: Rule, keys: Sequence[int], former: int) -> dict[str, Any]:
    """The row that the notification leads to with its name; of several rows, the list or the last one of a subject."""
    row = session.get(rule.model, keys[-1]) if len(keys) == 1 or rule.once_per else None
    if row is None:
        return {"count": len(keys)} | _list_of(rule)
    address, name = rule.address(row)[:_LONGEST_ADDRESS], rule.name(row)[:_LONGEST_NAME]
    return {"count": len(keys) + former, "row_id": row.id, "address": address, "params": {"name": name}}


def _list_of(rule: Rule) -> dict[str, Any]:
    return {"row_id": None, "address": rule.list_address, "params": {}}


def _insert(session: Session, rule: Rule, values: Sequence[dict[str, Any]]) -> None:
    """Insert a notification for each member; one that the same act has written before counts the further rows."""
    fresh = {"read_at": None, "dismissed_at": None}
    common = fresh | {"kind": rule.kind, "section": rule.section, "created_at": now()}
    for start in range(0, len(values), _PART):
        rows = [each | common for each in values[start : start + _PART]]
        statement = upsert(session, Notification).values(rows)
        total = Notification.count + statement.excluded.count
        leads_to = {} if rule.once_per else _list_of(rule)
        again = statement.on_conflict_do_update(index_elements=_KEY, set_={"count": total} | fresh | leads_to)
        session.execute(again, execution_options=_OF_OTHERS)
