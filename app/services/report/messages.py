"""The SMS of a question by what became of them, for the member who sent them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import Enum
from typing import Any

from sqlalchemy import Select, func, select

from app.extensions import db
from app.services.report.keys import of_member, of_order, of_organization, within
from app.services.report.numbers import own_member_id
from app.services.report.question import Question
from models.follow_up import FollowUp
from models.order import Order
from models.sms.message import UNSENT, MessageState, SmsMessage
from models.tenancy.scope import whole_organization


class Fate(Enum):
    """What became of a message: the first three were handed over to the provider."""

    DELIVERED = "delivered"
    ON_THE_WAY = "on_the_way"
    NOT_DELIVERED = "not_delivered"
    NOT_SENT = "not_sent"
    WAITING = "waiting"

    @property
    def states(self) -> Sequence[MessageState]:
        return [each for each in MessageState if fate_of(each) is self]


SENT = (Fate.DELIVERED, Fate.ON_THE_WAY, Fate.NOT_DELIVERED)
_FATES = {
    MessageState.DELIVERED: Fate.DELIVERED,
    MessageState.ACCEPTED: Fate.ON_THE_WAY,
    MessageState.SENT: Fate.ON_THE_WAY,
    MessageState.UNDELIVERED: Fate.NOT_DELIVERED,
    MessageState.BLOCKED: Fate.NOT_DELIVERED,
    **dict.fromkeys(UNSENT, Fate.NOT_SENT),
}


def fate_of(state: MessageState) -> Fate:
    return _FATES.get(state, Fate.WAITING)


def message_counts(question: Question) -> Counter[Fate]:
    found: Counter[Fate] = Counter()
    messages = _messages(question).subquery()
    statement = select(messages.c.state, func.count()).group_by(messages.c.state)
    for state, count in _read(statement):
        found[fate_of(state)] += count
    return found


def messages_of(
    question: Question, fates: Sequence[Fate], after: int | None = None, most: int | None = None
) -> list[int]:
    """The keys of the messages with one of *fates*, the newest first; at most so many, with keys below *after*."""
    states = [state for fate in fates for state in fate.states]
    statement = _messages(question).where(SmsMessage.state.in_(states)).order_by(SmsMessage.id.desc())
    if after is not None:
        statement = statement.where(SmsMessage.id < after)
    statement = statement.limit(most)
    return [key for key, _state in _read(statement)]


def _read(statement: Select[Any]) -> Any:
    with whole_organization(db.session()):
        return db.session.execute(statement, execution_options={"with_deleted": True}).all()


def _messages(question: Question) -> Any:
    statement: Any = select(SmsMessage.id, SmsMessage.state)
    if question.product_id is not None or question.source_id is not None:
        statement = (
            statement.join(FollowUp, FollowUp.id == SmsMessage.follow_up_id)
            .join(Order, Order.id == FollowUp.order_id)
            .where(*of_order(question))
        )
    return statement.where(
        within(SmsMessage.created_at, question.whole),
        of_organization(SmsMessage.created_by_id),
        *of_member(SmsMessage.created_by_id, question, own_member_id()),
    )
