"""The requests of the permission matrix to conversations and tickets."""

from __future__ import annotations

from io import BytesIO

from sqlalchemy import select

from models.member import Member
from tests.support.asks import Ask, Target
from tests.support.attached import PDF
from tests.support.form_values import forged
from tests.support.world import World


def _new_thread(section: str, _channel: str, world: World, target: Target) -> Ask:
    data = {"members": str(world.related[target.scope]["member"]), "text": "سلام", **forged(world, target)}
    return Ask("POST", f"/{section}/add", lambda: dict(data))


def add_message(section: str, channel: str, world: World, target: Target) -> Ask:
    """A conversation that begins, or an answer in one that is there."""
    if channel == "html":
        return _new_thread(section, channel, world, target)
    return Ask("POST", f"/{section}/{target.keys[0]}/answer", lambda: {"text": "سلام"})


def answer_with_file(section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask(
        "POST",
        f"/{section}/{target.keys[0]}/answer",
        lambda: {"text": "پیوست", "files": (BytesIO(PDF), "رسید.pdf")},
    )


def close_thread(section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("POST", f"/{section}/{target.keys[0]}/close")


def add_ticket(section: str, channel: str, world: World, target: Target) -> Ask:
    """A new ticket, of the support to an organisation, or an answer in one that is there."""
    if channel != "html":
        return add_message(section, channel, world, target)
    organization = world.organization_of(target.scope).id
    data = {"subject": "تازه", "urgency": "high", "text": "سلام", "receiver": str(organization)}
    return Ask("POST", f"/{section}/add", lambda: {**data, **forged(world, target)})


def assign_ticket(section: str, _channel: str, world: World, target: Target) -> Ask:
    operator = world.session.scalars(select(Member.id).where(Member.username == "desk")).one()
    return Ask("POST", f"/{section}/{target.keys[0]}/assign", lambda: {"operator": str(operator)})
