"""A request of the permission matrix, and the rows that it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.support.world import World

NOWHERE = 999_999_999


@dataclass(frozen=True)
class Ask:
    """One request; `data` is made anew each time, for files are read once."""

    method: str
    path: str
    data: Callable[[], dict[str, Any]] = dict
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """The rows that a request is about: those of a scope, or ones that don't exist."""

    keys: tuple[int, ...]
    file: str
    scope: str


def target_of(world: World, scope: str) -> Target:
    return Target(tuple(world.rows[scope]), world.files.get(scope, ""), scope)


def nowhere() -> Target:
    return Target((NOWHERE, NOWHERE + 1), str(uuid4()), "own")


def beside(world: World, target: Target) -> int:
    """A row that the actor reaches for sure; who has chosen an organisation reaches no other's."""
    chosen = world.actor is not None and world.actor.organization_id is None
    return target.keys[1] if chosen else world.rows["own"][1]
