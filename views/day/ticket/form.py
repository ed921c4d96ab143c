"""The form of a new ticket."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import select
from wtforms import HiddenField, SelectField

from app.extensions import db
from app.gateways.storage import Upload
from app.lib.web_address import split_address
from app.panel.actor import serves_tickets
from app.panel.forms.builder import Filled, Length, MayBeEmpty, PanelForm
from app.panel.forms.fields import ChoiceField, FilesField, NoteField, SwitchField, TextField
from app.services.ticket.open import Question
from models.messages.message import LONGEST_MESSAGE
from models.messages.thread import Urgency
from models.organization import Organization, OrganizationStatus
from views.threads.form import FILES

_NEEDED = Filled(_l("Please fill in this field."))
_LONGEST_ADDRESS, _LONGEST_AGENT = 500, 300


class TicketForm(PanelForm):
    receiver = SelectField(_l("Organisation"), [_NEEDED], validate_choice=True)
    subject = TextField(_l("Subject"), [_NEEDED, Length(max=160)])
    urgency = ChoiceField(_l("Urgency"), kind=Urgency, default=Urgency.NORMAL)
    text = NoteField(_l("Message text"), [_NEEDED, Length(max=LONGEST_MESSAGE)])
    files = FilesField(_l("Files"), description=FILES)
    send_page = SwitchField(_l("Add the page that it is about"))
    send_browser = SwitchField(_l("Add my browser"))
    code = TextField(
        _l("Tracking code"),
        [MayBeEmpty(), Length(max=40)],
        description=_l("The code of an error page, if it is about one."),
    )
    page = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "receiver" in self._fields:
            active = select(Organization.id, Organization.name).where(
                Organization.status == OrganizationStatus.ACTIVE
            )
            rows = db.session.execute(active.order_by(Organization.name, Organization.id))
            self.receiver.choices = [("", str(_("Please select"))), *((str(k), name) for k, name in rows)]
        self.page.data = _address(self.page.data or request.referrer or "")
        if self.page.data:
            self.send_page.description = _from_left(self.page.data)
        else:
            del self.send_page
        self.send_browser.description = _from_left(_agent())

    @staticmethod
    def withheld() -> Collection[str]:
        """The support chooses the organisation that it writes to."""
        return () if serves_tickets() else ("receiver",)

    def question(self) -> Question:
        about = {}
        if "send_page" in self._fields and self.send_page.data:
            about["page"] = self.page.data
        if self.send_browser.data:
            about["browser"] = _agent()
        if self.code.data:
            about["request"] = self.code.data
        uploads = [Upload(file.filename, file.stream) for file in self.files.data or ()]
        return Question(self.subject.data or "", self.text.data or "", self.urgency.data, about, uploads)


def _address(text: str) -> str:
    """The path of a page of the panel; empty for any other address and for the form itself."""
    parts = split_address(text)
    if parts.netloc and parts.netloc != request.host:
        return ""
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    is_page = path.startswith("/") and not path.startswith(("//", "/tickets/"))
    return path[:_LONGEST_ADDRESS] if is_page and path.isprintable() else ""


def _agent() -> str:
    return request.user_agent.string[:_LONGEST_AGENT]


def _from_left(text: str) -> Markup:
    """*text* as one run from left to right, as addresses and names of browsers are written."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(text)
