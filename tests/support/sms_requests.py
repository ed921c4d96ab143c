"""The requests of the permission matrix that send SMS, one by one and as campaigns."""

from __future__ import annotations

from uuid import uuid4

from tests.support.asks import Ask, Target, beside
from tests.support.world import World


def send_sms(section: str, channel: str, world: World, target: Target) -> Ask:
    """One message from the menu of a row, or many: a row of a page, ticked together with one of one's own."""
    template = world.related[target.scope]["sms_template"]
    many = {"rowid": [str(target.keys[0])]}
    if channel == "action":
        many = {"rowid": [str(beside(world, target)), str(target.keys[0])]}
    data = {**many, "_step": "run", "template": str(template), "_token": str(uuid4())}
    return Ask("POST", f"/campaigns/send/{section}", lambda: dict(data))


def send_one_sms(section: str, channel: str, world: World, target: Target) -> Ask:
    asked = send_sms(section, "html", world, target)
    return Ask("POST", asked.path, lambda: {**asked.data(), "_one": "1"})


def new_campaign(_section: str, channel: str, world: World, target: Target) -> Ask:
    row = world.related[target.scope]["follow_up"]
    template = world.related[target.scope]["sms_template"]
    data = {"rowid": [str(row)], "_step": "run", "template": str(template), "_token": str(uuid4())}
    return Ask("POST", "/campaigns/send/follow-ups", lambda: dict(data))


def cancel_campaign(_section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("POST", f"/campaigns/steer/{target.keys[0]}/cancel")
