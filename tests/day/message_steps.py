"""What the tests of messages share: conversations, and what is stored of them."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.services.message.send import answer, start
from models.messages.message import Message
from models.messages.thread import Thread, ThreadMember
from models.tenancy.scope import Actor, bind, whole_organization

HTMX = {"HX-Request": "true"}
PDF = b"%PDF-1.4 a small one"


def write(session, sender, receivers, text="سلام", **more):
    """The key of a new conversation, which is committed."""
    bind(session, Actor(sender.organization_id, sender.id))
    key = start(receivers, text, **more).thread_id
    session.commit()
    return key


def reply(session, sender, key, text="بله", **more):
    """The key of an answer in the conversation *key*."""
    bind(session, Actor(sender.organization_id, sender.id))
    message = answer(session.get_one(Thread, key), text, **more)
    found = message.id
    session.commit()
    return found


def stored(session, organization, statement):
    """Rows as they are stored, whoever may read them."""
    bind(session, Actor(organization.id))
    with whole_organization(session):
        return session.scalars(statement, execution_options={"populate_existing": True}).all()


def texts(session, organization, key):
    return [
        each.text
        for each in stored(
            session, organization, select(Message).where(Message.thread_id == key).order_by(Message.id)
        )
    ]


def thread_of(session, organization, key):
    [found] = stored(session, organization, select(Thread).where(Thread.id == key))
    return found


def unread(session, organization, key, member):
    statement = select(ThreadMember.unread).where(
        ThreadMember.thread_id == key, ThreadMember.member_id == member.id
    )
    [found] = stored(session, organization, statement)
    return found


def listed(page):
    """The keys of the conversations in a list."""
    return [int(key) for key in re.findall(r'<li data-pk="(\d+)"', page)]


def shown(page):
    """The keys of the messages on a page."""
    return [int(key) for key in re.findall(r'data-message="(\d+)"', page)]
