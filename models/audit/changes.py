"""Row changes of a transaction, merged into audit events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import SessionTransaction

from models.audit.values import Values
from models.child.line import Line
from models.tenancy.scope import Actor

# Keys of `after` beside the row's columns: its label, the keys of a batch, and the other changed rows.
LABEL, ROWS, ALSO = "@label", "@rows", "@also"
MOST_ROWS = 500
# Actions that also apply to child rows.
_WITH_CHILDREN = frozenset({"delete", "undo", "restore", "purge"})


@dataclass
class Change:
    """The change of one row; `key` is None for rows that a statement inserted."""

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
        values: Values = {"type": self.kind, "id": self.key, "action": self.action}
        if isinstance(self.row, Line):
            # Nothing else says which of the lines it was, once it is removed.
            values["label"] = _label(self.row)
        return values | {"before": self.before or None, "after": self.after or None}

    def merge(self, later: Change) -> None:
        """Merge a later change of the same row."""
        self.before = later.before | self.before
        self.after = self.after | later.after
        self.row = self.row or later.row
        if self.action not in {"add", "delete"}:
            self.action = later.action


@dataclass
class EventDraft:
    """The event of a running transaction: its action and rows, if named, and all changes so far."""

    action: str | None = None
    kind: str = ""
    keys: tuple[int | None, ...] = ()
    # Whether a change was recorded explicitly; a change without a member makes an event only then.
    is_explicit: bool = False
    changes: list[Change] = field(default_factory=list)
    # Tables that bulk statements wrote to, with the actor.
    touched: dict[str, Actor] = field(default_factory=dict)
    # Rows (kind, key) with an event of their own beside the one of the transaction.
    separate: set[tuple[str, int | None]] = field(default_factory=set)


def events_of(draft: EventDraft) -> list[Values]:
    """The events of the transaction, at least one for each organisation that it wrote to."""
    found: dict[int, list[Change]] = {}
    for change in _merged(draft.changes):
        if change.organization_id is not None:
            found.setdefault(change.organization_id, []).append(change)
    return [
        event
        for organization_id, changes in found.items()
        if draft.is_explicit or any(change.actor.member_id for change in changes)
        for event in _events_in(draft, organization_id, changes)
    ] or _bare_event(draft)


def _events_in(draft: EventDraft, organization_id: int, changes: list[Change]) -> Iterator[Values]:
    """The events of one organisation: that of the transaction, further ones, and those of separate rows."""
    apart = [each for each in changes if (each.kind, each.key) in draft.separate]
    common = [each for each in changes if each not in apart]
    if common:
        yield _event(draft, organization_id, common)
        yield from _further(draft, organization_id, common)
    for each in apart:
        own = replace(draft, action=each.action, kind=each.kind, keys=(each.key,))
        yield _event(own, organization_id, [each])


def without_organization(draft: EventDraft) -> list[Change]:
    """The changes outside any organisation, such as a platform admin's own profile."""
    return [change for change in draft.changes if change.organization_id is None]


def _merged(changes: Sequence[Change]) -> list[Change]:
    merged: dict[tuple[str, int | None, int | None], Change] = {}
    for number, change in enumerate(changes):
        name = (change.kind, change.key, number if change.key is None else None)
        if name in merged:
            merged[name].merge(change)
        else:
            merged[name] = change
    return list(merged.values())


def _event(draft: EventDraft, organization_id: int, changes: list[Change]) -> Values:
    first = changes[0]
    action, kind, keys = draft.action or first.action, draft.kind, draft.keys
    if draft.action is None:
        kind, keys = first.kind, (first.key,)
    # Only the event of a single row has before and after; of many rows it lists the keys.
    mains = (change for change in changes if (change.kind, change.key) == (kind, keys[0]))
    main = next(mains, None) if len(keys) == 1 else None
    others = [each.as_json() for each in changes if each is not main and (each.before or each.after)]
    extra: Values = {
        LABEL: _label(main.row) if main else None,
        ROWS: [] if main else [key for key in keys if key][:MOST_ROWS],
        ALSO: others[:MOST_ROWS],
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


def _further(draft: EventDraft, organization_id: int, changes: list[Change]) -> Iterator[Values]:
    """Events for the rows beyond `MOST_ROWS`, and for the child rows that were deleted or restored with them."""
    lists: dict[tuple[str, str], list[int]] = {}
    if draft.action is not None:
        lists[draft.action, draft.kind] = [key for key in draft.keys if key][MOST_ROWS:]
    for change in changes:
        # A change with values stands in the event of the transaction, as those of lines do.
        is_bare = not (change.before or change.after or isinstance(change.row, Line))
        if change.key and change.kind != draft.kind and change.action in _WITH_CHILDREN and is_bare:
            lists.setdefault((change.action, change.kind), []).append(change.key)
    actor = next((each.actor for each in changes if each.actor.member_id), changes[0].actor)
    for (action, kind), keys in lists.items():
        for start in range(0, len(keys), MOST_ROWS):
            rows = keys[start : start + MOST_ROWS]
            values = {"action": action, "object_type": kind, "object_id": None, "before": None}
            yield _row(actor, organization_id=organization_id, **values, after={ROWS: rows})


def _bare_event(draft: EventDraft) -> list[Values]:
    """A minimal event for bulk statements without a recorded change: who, when and which table."""
    for kind, actor in draft.touched.items():
        if actor.member_id is not None and actor.organization_id is not None and not draft.changes:
            is_named = draft.action is not None
            keys = draft.keys if is_named else ()
            return [
                _row(
                    actor,
                    organization_id=actor.organization_id,
                    action=draft.action or "edit",
                    object_type=draft.kind if is_named else kind,
                    object_id=keys[0] if len(keys) == 1 else None,
                    after={ROWS: list(keys[:MOST_ROWS])} if len(keys) > 1 else {},
                )
            ]
    return []


def _row(actor: Actor, **values: Any) -> Values:
    """The columns of an event."""
    origin = {
        "actor_id": actor.member_id,
        "request_id": actor.request_id,
        "ip": actor.ip,
        "agent": actor.agent,
        "session_id": actor.session_id,
    }
    return origin | values


def _label(row: Any) -> str:
    """The title of the row; empty when the row is private or detached from its session."""
    if row is None or getattr(row, "__private__", False) or inspect(row).detached:
        return ""
    return str(row)[:200]
