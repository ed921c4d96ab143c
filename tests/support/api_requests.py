"""The requests of the permission matrix by REST."""

from __future__ import annotations

from typing import Any

from tests.support.asks import Ask, Target
from tests.support.form_values import FORMS, form_of
from tests.support.world import World

TRACE = "the-same-for-both-answers"


def api_request(section: str, verb: str, world: World, target: Target) -> Ask:
    """The same by REST, with the actor's token; the platform's admin names the organisation of the rows."""
    headers = api_headers(world, target)
    one = f"/api/v1/{section}/{target.keys[0]}"
    if verb in "LV":
        return Ask("GET", f"/api/v1/{section}/" if verb == "L" else one, dict, headers)
    if verb == "A":
        return Ask("POST", f"/api/v1/{section}/", lambda: _json(section, verb, world, target), headers)
    headers["If-Match"] = "*"
    if verb == "D":
        return Ask("DELETE", one, dict, headers)
    return Ask("PUT", one, lambda: _json(section, verb, world, target), headers)


def api_headers(world: World, target: Target) -> dict[str, str]:
    headers = {"X-Request-ID": TRACE}
    if world.token:
        headers["Authorization"] = f"Bearer {world.token}"
    if world.actor is not None and world.actor.organization_id is None:
        headers["X-Organization"] = str(world.organization_of(target.scope).id)
    return headers


def _json(section: str, verb: str, world: World, target: Target) -> dict[str, Any]:
    if (section, verb) == ("sales", "A"):
        product, buyer = world.related[target.scope]["product"], buyer_of(world, target)
        return {**buyer, "items": [{"product": product, "quantity": 2}]}
    if section == "orders" and verb == "E":
        return {"quantity": 7, "note": "تازه"}
    given = form_of(section, world, target) if section in FORMS else {}
    return {name: True if value == "y" else value for name, value in given.items()}


def buyer_of(world: World, target: Target) -> dict[str, Any]:
    """Who buys by a sale that is added by hand, and of whom."""
    return {"mobile": "09351234567", "consultant": world.related[target.scope]["member"]}
