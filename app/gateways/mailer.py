"""Sends mail by SMTP, or in development to the sandbox's page."""

from __future__ import annotations

import json
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from flask import current_app

_TIMEOUT = 20
_IMPLICIT_TLS_PORT = 465


@dataclass(frozen=True)
class MailFile:
    """A file that is attached to a mail; `kind` is its media type."""

    name: str
    content: bytes
    kind: str = "application/octet-stream"


@dataclass(frozen=True)
class MailMessage:
    to: str
    subject: str
    text: str
    html: str = ""
    files: Sequence[MailFile] = ()
    # The left part of the Message-ID; a mail that is sent again has the same one, by which servers know it.
    key: str = ""


class Mailer(Protocol):
    """Sends one mail; raises `OSError` or `SMTPException` when it is not accepted."""

    def send(self, message: MailMessage) -> None: ...


class SmtpMailer:
    """An SMTP server; uses TLS when the server offers it."""

    def __init__(self, url: str, sender: str) -> None:
        self.url, self.sender = urlsplit(url), sender

    def send(self, message: MailMessage) -> None:
        with self._connect() as server:
            if self.url.username:
                server.login(unquote(self.url.username), unquote(self.url.password or ""))
            server.send_message(self._encode(message))

    def _connect(self) -> smtplib.SMTP:
        host, port = self.url.hostname or "localhost", self.url.port or 25
        context = ssl.create_default_context()
        if port == _IMPLICIT_TLS_PORT or self.url.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT, context=context)
        server = smtplib.SMTP(host, port, timeout=_TIMEOUT)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
        return server

    def _encode(self, message: MailMessage) -> EmailMessage:
        encoded = EmailMessage()
        encoded["From"], encoded["To"], encoded["Subject"] = self.sender, message.to, message.subject
        domain = self.sender.partition("@")[2]
        encoded["Date"] = formatdate()
        encoded["Message-ID"] = f"<{message.key}@{domain}>" if message.key else make_msgid(domain=domain)
        encoded.set_content(message.text)
        if message.html:
            encoded.add_alternative(message.html, subtype="html")
        for file in message.files:
            kind, _slash, subtype = file.kind.partition("/")
            encoded.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
        return encoded


class SandboxMailer:
    """The mail page of the local sandbox."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/sandbox/mails"

    def send(self, message: MailMessage) -> None:
        shown = {"to": message.to, "subject": message.subject, "text": message.text}
        files = [each.name for each in message.files]
        body = json.dumps({**shown, "files": files} if files else shown).encode()
        with urlopen(Request(self.address, body, {"Content-Type": "application/json"}), timeout=5):  # noqa: S310 - a fixed address
            pass


def mailer() -> Mailer:
    """The configured mailer."""
    url = current_app.config["SMTP_URL"]
    if url:
        return SmtpMailer(url, current_app.config["MAIL_FROM"])
    return SandboxMailer(current_app.config["SANDBOX_PORT"])
