"""The baseline for dispatch: one task per message, as queues are usually used; it can lose or duplicate messages."""

from __future__ import annotations

from sqlalchemy import select, update

from app.extensions import celery, db
from app.gateways.sms.base import Outgoing
from app.gateways.sms.results import Outcome
from app.services.sms.provider import gateway_of
from models.sms.message import MessageState, SmsMessage
from models.sms.provider import SmsProvider
from models.tenancy.scope import Actor, acting_as


@celery.task(name="bench.send_one")
def send_one(organization_id: int, message_id: int) -> None:
    """Read, send, write."""
    with acting_as(db.session(), Actor(organization_id)) as session:
        columns = (SmsMessage.local_id, SmsMessage.mobile, SmsMessage.body)
        row = session.execute(select(*columns).where(SmsMessage.id == message_id)).one()
        account = session.scalars(select(SmsProvider)).one()
        [answer] = gateway_of(account).send([Outgoing(*row)])
        state = MessageState.ACCEPTED if answer.outcome is Outcome.ACCEPTED else MessageState.FAILED
        values = {"provider_id": account.id, "provider_message_id": answer.provider_message_id}
        session.execute(
            update(SmsMessage)
            .where(SmsMessage.id == message_id)
            .values(state=state, **values)
            .execution_options(synchronize_session=False)
        )
        session.commit()
