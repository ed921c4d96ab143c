"""The fields of conversations: several receivers, and a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import Field

from app.lib import persian
from app.lib.persian import group_number
from app.panel.forms.fields import NoteField
from models.member import Member
from models.messages.message import LONGEST_MESSAGE


class RelationsField(Field):
    """Several members, found by search; `find` returns those of the keys that may be chosen."""

    data: Any

    def __init__(
        self, *args: Any, find: Callable[[list[int]], Sequence[Member]], lookup_url: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.find, self.lookup_url = find, lookup_url

    def process_formdata(self, values: Sequence[str]) -> None:
        self.data = []
        texts = [persian.latin_digits(each).strip() for each in values if each]
        if not all(each.isascii() and each.isdigit() and len(each) <= 18 for each in texts):
            raise ValueError(_("Choose one of the list."))
        keys = {int(each) for each in texts}
        self.data = list(self.find(sorted(keys))) if keys else []
        if len(self.data) != len(keys):
            raise ValueError(_("Choose one of the list."))


class MessageField(NoteField):
    """A text whose line ends count once, with the limit in the refusal of a longer one."""

    is_long = True

    def process_formdata(self, values: Sequence[str]) -> None:
        text = values[0].replace("\r\n", "\n").strip() if values else ""
        if len(text) > LONGEST_MESSAGE:
            self.data = text
            raise ValueError(_("Write at most %(most)s characters.", most=group_number(LONGEST_MESSAGE)))
        super().process_formdata([text] if values else [])
