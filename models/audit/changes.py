"""What became of the rows of one act, put together into the event that tells of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import SessionTransaction

from models.audit.values import Values
from models.tenancy.scope import Actor

# What an event says in `after` beside the row's own columns: its name, the rows of a batch, and what went with it.
LABEL, ROWS, ALSO = "@label", "@rows", "@also"
MOST_ROWS = 500
# Acts that take along what belongs to their rows.
_WITH_CHILDREN = frozenset({"delete", "undo", "restore", "purge"})


@dataclass
class Change:
    """What became of one row; `key` is unknown for rows that a statement inserted."""

    action: str
    kind: str
    key: int | None
    before: Values
    after: Values
    actor: Actor
    organization_id: int | None
    row: Any = None
    within: SessionTransaction | None = None

    def as_json(self) -> Values:
        values = {"type": self.kind, "id": self.key, "action": self.action}
        return values | {"before": self.before or None, "after": self.after or None}

    def follow(self, later: Change) -> None:
        """Take up a further change of the same row: it changed once, from its first state to its last."""
        self.before = later.before | self.before
        self.after = self.after | later.after
        self.row = self.row or later.row
        if self.action not in {"add", "delete"}:
            self.action = later.action


@dataclass
class EventDraft:
    """The act that runs: its name and rows, when somebody said so, and every change so far."""

    action: str | None = None
    kind: str = ""
    keys: tuple[int | None, ...] = ()
    # Whether somebody told of it on purpose; what a program does for nobody is an act only then.
    is_told: bool = False
    changes: list[Change] = field(default_factory=list)
    # Tables that statements wrote to, with who acted.
    touched: dict[str, Actor] = field(default_factory=dict)


def events_of(trail: EventDraft) -> list[Values]:
    """One event for each organisation that the act wrote to: as a rule one."""
    found: dict[int, list[Change]] = {}
    for change in _merged(trail.changes):
        if change.organization_id is not None:
            found.setdefault(change.organization_id, []).append(change)
    return [
        event
        for organization_id, changes in found.items()
        if trail.is_told or any(change.actor.member_id for change in changes)
        for event in [_event(trail, organization_id, changes), *_further(trail, organization_id, changes)]
    ] or _bare_event(trail)


def without_organization(trail: EventDraft) -> list[Change]:
    """The changes that belong to no organisation, such as a platform admin's own profile."""
    return [change for change in trail.changes if change.organization_id is None]


def _merged(changes: Sequence[Change]) -> list[Change]:
    merged: dict[tuple[str, int | None, int | None], Change] = {}
    for number, change in enumerate(changes):
        name = (change.kind, change.key, number if change.key is None else None)
        if name in merged:
            merged[name].follow(change)
        else:
            merged[name] = change
    return list(merged.values())


def _event(trail: EventDraft, organization_id: int, changes: list[Change]) -> Values:
    first = changes[0]
    action, kind, keys = trail.action or first.action, trail.kind, trail.keys
    if trail.action is None:
        kind, keys = first.kind, (first.key,)
    # Of a single row what was there before and after; thousands are only named.
    mains = (change for change in changes if (change.kind, change.key) == (kind, keys[0]))
    main = next(mains, None) if len(keys) == 1 else None
    also = [each.as_json() for each in changes if each is not main and (each.before or each.after)]
    extra: Values = {
        LABEL: _label(main.row) if main else None,
        ROWS: [] if main else [key for key in keys if key][:MOST_ROWS],
        ALSO: also[:MOST_ROWS],
    }
    actor = next((each.actor for each in changes if each.actor.member_id), first.actor)
    return _row(
        actor,
        organization_id=organization_id,
        action=action,
        object_type=kind,
        object_id=keys[0] if len(keys) == 1 else None,
        before=(main and main.before) or None,
        after=(main.after if main else {}) | {name: value for name, value in extra.items() if value},
    )


def _further(trail: EventDraft, organization_id: int, changes: list[Change]) -> Iterator[Values]:
    """Events for the rows that the first has no room for: those beyond a number, and those that went along."""
    lists: dict[tuple[str, str], list[int]] = {}
    if trail.action is not None:
        lists[trail.action, trail.kind] = [key for key in trail.keys if key][MOST_ROWS:]
    for change in changes:
        if change.key and change.kind != trail.kind and change.action in _WITH_CHILDREN:
            lists.setdefault((change.action, change.kind), []).append(change.key)
    actor = next((each.actor for each in changes if each.actor.member_id), changes[0].actor)
    for (action, kind), keys in lists.items():
        for start in range(0, len(keys), MOST_ROWS):
            rows = keys[start : start + MOST_ROWS]
            values = {"action": action, "object_type": kind, "object_id": None, "before": None}
            yield _row(actor, organization_id=organization_id, **values, after={ROWS: rows})


def _bare_event(trail: EventDraft) -> list[Values]:
    """The event of an act whose statements nobody told of: at least who, when and in which table."""
    for kind, actor in trail.touched.items():
        if actor.member_id is not None and actor.organization_id is not None and not trail.changes:
            is_named = trail.action is not None
            keys = trail.keys if is_named else ()
            return [
                _row(
                    actor,
                    organization_id=actor.organization_id,
                    action=trail.action or "edit",
                    object_type=trail.kind if is_named else kind,
                    object_id=keys[0] if len(keys) == 1 else None,
                    after={ROWS: list(keys[:MOST_ROWS])} if len(keys) > 1 else {},
                )
            ]
    return []


def _row(actor: Actor, **values: Any) -> Values:
    """The columns of an event; JSON that is None is left out, for it would be written as the word null."""
    who = {
        "actor_id": actor.member_id,
        "request_id": actor.request_id,
        "ip": actor.ip,
        "agent": actor.agent,
        "session_id": actor.session_id,
    }
    return who | values


def _label(row: Any) -> str:
    """What people call the row, unless it has left the session and can't be asked any more."""
    if row is None or inspect(row).detached:
        return ""
    return str(row)[:200]
