"""The way mails leave: an SMTP server, or in development the sandbox's page."""

from __future__ import annotations

import json
import smtplib
import ssl
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from flask import current_app

_PATIENCE = 20
_TLS_FROM_THE_START = 465


@dataclass(frozen=True)
class MailMessage:
    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Hands a letter on; raises `OSError` or `SMTPException` when nobody takes it."""

    def send(self, letter: MailMessage) -> None: ...


class SmtpMailer:
    """An SMTP server; encrypted wherever the server can."""

    def __init__(self, url: str, sender: str) -> None:
        self.url, self.sender = urlsplit(url), sender

    def send(self, letter: MailMessage) -> None:
        with self._connect() as server:
            if self.url.username:
                server.login(unquote(self.url.username), unquote(self.url.password or ""))
            server.send_message(self._message(letter))

    def _connect(self) -> smtplib.SMTP:
        host, port = self.url.hostname or "localhost", self.url.port or 25
        context = ssl.create_default_context()
        if port == _TLS_FROM_THE_START or self.url.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=_PATIENCE, context=context)
        server = smtplib.SMTP(host, port, timeout=_PATIENCE)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
        return server

    def _message(self, letter: MailMessage) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, letter.to, letter.subject
        message["Date"], message["Message-ID"] = (
            formatdate(),
            make_msgid(domain=self.sender.partition("@")[2]),
        )
        message.set_content(letter.text)
        return message


class SandboxMailer:
    """The page of the sandbox on this machine."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/sandbox/mails"

    def send(self, letter: MailMessage) -> None:
        body = json.dumps(asdict(letter)).encode()
        with urlopen(Request(self.address, body, {"Content-Type": "application/json"}), timeout=5):  # noqa: S310 - a fixed address
            """Taken."""


def mailer() -> Mailer:
    """The configured way out."""
    url = current_app.config["SMTP_URL"]
    if url:
        return SmtpMailer(url, current_app.config["MAIL_FROM"])
    return SandboxMailer(current_app.config["SANDBOX_PORT"])
