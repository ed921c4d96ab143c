"""The requests of the permission matrix that merge and erase customers."""

from __future__ import annotations

from tests.support.api_requests import api_headers
from tests.support.asks import NOWHERE, Ask, Target, beside
from tests.support.world import World


def merge(section: str, channel: str, world: World, target: Target) -> Ask:
    """The row and one of the actor's own become one customer."""
    keys = (target.keys[0], beside(world, target))
    versions = ",".join(f"{key}:1" for key in keys)
    if channel == "api":
        path = f"/api/v1/{section}/{target.keys[0]}/merge"
        return Ask("POST", path, lambda: {"versions": versions}, api_headers(world, target))
    data = {"rowid": [str(key) for key in keys], "versions": versions}
    return Ask("POST", f"/{section}/merge", lambda: dict(data))


def undo_merge(section: str, channel: str, world: World, target: Target) -> Ask:
    if channel == "api":
        path = f"/api/v1/{section}/{_key(world, target, 'survivor')}/undo-merge"
        return Ask("POST", path, dict, api_headers(world, target))
    return Ask("POST", f"/{section}/undo-merge/{_key(world, target, 'merge')}")


def erase(section: str, channel: str, world: World, target: Target) -> Ask:
    key = _key(world, target, "erasable")
    if channel == "api":
        return Ask("POST", f"/api/v1/{section}/{key}/erase", dict, api_headers(world, target))
    digits = f"{world.related[target.scope]['digits']:04}"
    return Ask("POST", f"/{section}/action/erase/{key}", lambda: {"_step": "run", "digits": digits})


def _key(world: World, target: Target, name: str) -> int:
    return NOWHERE if target.keys[0] == NOWHERE else world.related[target.scope][name]
