"""The mail queue: a table, filled in the transaction of the cause and emptied by the worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from models.mail import MailKind, MailStatus, OutgoingMail
from models.member import Member

MOST_ATTEMPTS = 12
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=30)


def queue_mail(member: Member, kind: MailKind, **details: Any) -> OutgoingMail:
    """Queue a mail to the present address of *member*."""
    mail = OutgoingMail(kind=kind, member_id=member.id, address=member.email, details=details)
    db.session.add(mail)
    return mail


def take_due_mails(most: int = 20) -> Sequence[OutgoingMail]:
    """The due mails, locked against other workers until the commit."""
    statement = (
        select(OutgoingMail)
        .where(OutgoingMail.status == MailStatus.QUEUED, OutgoingMail.due_at <= now())
        .order_by(OutgoingMail.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return db.session.scalars(statement).all()


def pause_after(attempts: int) -> timedelta:
    """The pause before the next attempt, doubled with each one."""
    return min(_FIRST_PAUSE * 2 ** (attempts - 1), _LONGEST_PAUSE)


def note_sent(mail: OutgoingMail) -> None:
    mail.status, mail.sent_at = MailStatus.SENT, now()
    mail.attempts += 1


def note_failure(mail: OutgoingMail) -> None:
    """Schedule the next attempt with exponential backoff; the mail fails after `MOST_ATTEMPTS`."""
    mail.attempts += 1
    mail.due_at = now() + pause_after(mail.attempts)
    if mail.attempts >= MOST_ATTEMPTS:
        mail.status = MailStatus.FAILED
