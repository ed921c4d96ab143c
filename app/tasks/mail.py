"""Send the mails that wait; a mail server that is away only makes them later."""

from __future__ import annotations

import smtplib

from celery import shared_task
from flask import current_app

from app.extensions import celery, db
from app.gateways.mailer import MailMessage, mailer
from app.services.account.reset import make_link_token
from app.services.mail.queue import note_failure, note_sent, take_due_mails
from app.services.mail.texts import text_of
from models.mail import MailKind, OutgoingMail

SEND_EVERY = 15.0

celery.conf.beat_schedule = {
    **(celery.conf.beat_schedule or {}),
    "send mails": {"task": "mail.send", "schedule": SEND_EVERY},
}


@shared_task(name="mail.send", time_limit=300)
def send_mails() -> int:
    """Send what is due; returns how many went out."""
    sent = 0
    while mails := take_due_mails(1):
        sent += _send(mails[0])
        db.session.commit()
    return sent


def _send(mail: OutgoingMail) -> bool:
    message = MailMessage(mail.address, *text_of(mail, link=_link_of(mail)))
    try:
        mailer().send(message)
    except (OSError, smtplib.SMTPException):
        current_app.logger.warning("Mail %s was not taken, try %s", mail.id, mail.attempts + 1)
        note_failure(mail)
        return False
    note_sent(mail)
    return True


def _link_of(mail: OutgoingMail) -> str:
    """Made now, so that its time begins when the mail goes out."""
    if mail.kind not in {MailKind.PASSWORD_RESET, MailKind.INVITATION}:
        return ""
    return f"{current_app.config['PUBLIC_BASE_URL']}/reset-password/{make_link_token(mail.member)}"
