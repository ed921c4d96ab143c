"""The form for the result of a contact."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import RadioField

from app.extensions import db
from app.lib.digits import parse_int
from app.panel.forms.builder import MayBeEmpty
from app.panel.forms.fields import FilesField, JalaliDateTimeField, NoteField, SwitchField
from app.panel.side import EntryForm
from models.result_title import ResultTitle


def _key(raw: Any) -> int:
    return parse_int(str(raw)) or 0


class ResultForm(EntryForm):
    """The title of a result with a note, files, the next contact and the SMS that the title offers."""

    result_title = RadioField(
        _("Result title"), coerce=_key, validate_choice=False, validators=[MayBeEmpty()]
    )
    note = NoteField(_("Note"), [MayBeEmpty()])
    files = FilesField(_("Files"))
    next_at = JalaliDateTimeField(_("Next contact"), [MayBeEmpty()])
    send_sms = SwitchField(_("Send the SMS"))
    # The validation and the result ask for the title; without a reference the session drops the row and reads it again.
    _chosen: ResultTitle | None = None

    def chosen(self) -> ResultTitle | None:
        """The chosen result title, None when there is none."""
        if self.result_title.data and self._chosen is None:
            self._chosen = db.session.get(ResultTitle, self.result_title.data)
        return self._chosen
