"""The forms of conversations: a new one, and an answer."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.extensions import db
from app.gateways.storage import Upload
from app.panel.filters.base import most_of
from app.panel.forms.builder import Length, MayBeEmpty, PanelForm
from app.panel.forms.fields import FilesField, SwitchField, TextField
from models.member import Member
from views.threads.fields import MessageField, RelationsField

FILES = _l(
    "At most 10 files: pdf, jpg, png, webp, docx, xlsx, mp3, ogg or txt, each of at most 10 megabytes."
)


def active_members() -> Sequence[Member]:
    """All active members of the acting organisation."""
    return db.session.scalars(Member.choices(select(Member), db.session())).all()


def _find(keys: list[int]) -> Sequence[Member]:
    known = [key for key in keys if key <= most_of(Member.id)]
    chosen = Member.choices(select(Member), db.session()).where(Member.id.in_(known))
    return db.session.scalars(chosen).all()


class MessageForm(PanelForm):
    """A text with files; one of them is enough."""

    text = MessageField(_l("Message text"), [MayBeEmpty()])
    files = FilesField(_l("Files"), description=FILES)

    def uploads(self) -> Sequence[Upload]:
        return [Upload(file.filename, file.stream) for file in self.files.data or ()]


class AnswerForm(MessageForm):
    """An answer; its token is the same however often the form is sent."""

    # The dialog of a new conversation may stand on the same page.
    text = MessageField(_l("Message text"), [MayBeEmpty()], id="answer")
    files = FilesField(_l("Files"), id="answer-files")

    def token(self, given: str) -> UUID:
        try:
            return UUID(given)
        except ValueError:
            return uuid4()


class NewThreadForm(MessageForm):
    """The first message of a conversation, with its receivers."""

    members = RelationsField(_l("Receivers"), find=_find, lookup_url="/messages/lookup")
    everybody = SwitchField(_l("To all members of the organisation"))
    subject = TextField(_l("Subject"), [MayBeEmpty(), Length(max=160)])

    shown = ("members", "everybody", "subject", "text", "files")

    def receivers(self) -> Sequence[Member]:
        chosen: Sequence[Member] = self.members.data or ()
        return active_members() if self.everybody.data else chosen
