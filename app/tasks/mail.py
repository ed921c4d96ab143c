"""Sends queued mails; while the mail server is unreachable, they are tried again later."""

from __future__ import annotations

import smtplib

from flask import current_app

from app.extensions import db
from app.gateways.mailer import MailMessage, mailer
from app.services.account.reset import make_link_token
from app.services.mail.queue import note_failure, note_sent, take_due_mails
from app.services.mail.texts import text_of
from app.tasks.base import periodic
from models.mail import MailKind, OutgoingMail

SEND_EVERY = 15.0


@periodic("mail.send", SEND_EVERY, entry="send mails", time_limit=300)
def send_mails() -> int:
    """Send the due mails, one transaction each; returns how many the mail server accepted."""
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
    if mail.kind not in {MailKind.PASSWORD_RESET, MailKind.INVITATION}:
        return ""
    # The token is made now, because its validity counts from the moment it is made.
    return f"{current_app.config['PUBLIC_BASE_URL']}/reset-password/{make_link_token(mail.member)}"
