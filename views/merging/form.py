"""The forms of a merge: the versions that the member saw, and whose value they chose for each field."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from app.panel.forms.builder import Filled, PanelForm
from app.panel.forms.fields import NumberField, TextField
from app.panel.forms.locking import read_versions


class MergeForm(PanelForm):
    """Each field has the key of a customer, as the radio buttons of the comparison send it."""

    versions = StringField()
    mobile = StringField()
    first_name = StringField()
    last_name = StringField()
    email = StringField()
    national_id = StringField()
    province = StringField()
    city = StringField()
    dossier_id = StringField()

    @property
    def seen(self) -> dict[int, int]:
        """The versions that the member saw, by customer."""
        return read_versions(self.versions.data or "")

    @property
    def chosen(self) -> dict[str, int]:
        """The customer whose value was chosen, by field."""
        sent = {name: field.data or "" for name, field in self._fields.items() if name != "versions"}
        return {
            name: int(key) for name, key in sent.items() if key.isascii() and key.isdigit() and len(key) <= 18
        }


class UndoForm(PanelForm):
    """The merge that a job undoes."""

    merge = NumberField(least=1)


class MergeBody(MergeForm):
    """The body of a merge by REST: the versions as «12:3,15:1», and the number of a customer for each field."""

    versions = TextField(_l("Versions"), [Filled(_l("Please fill in this field."))])
    mobile = NumberField(_l("Mobile"), least=1)
    first_name = NumberField(_l("First name"), least=1)
    last_name = NumberField(_l("Last name"), least=1)
    email = NumberField(_l("E-mail"), least=1)
    national_id = NumberField(_l("National ID"), least=1)
    province = NumberField(_l("Province"), least=1)
    city = NumberField(_l("City"), least=1)
    dossier_id = NumberField(_l("Organisation dossier"), least=1)

    @property
    def is_readable(self) -> bool:
        """Whether the versions are pairs of numbers alone."""
        return len(self.seen) == len((self.versions.data or "").split(","))

    @property
    def chosen(self) -> dict[str, int]:
        sent = {name: field.data for name, field in self._fields.items() if name != "versions"}
        return {name: key for name, key in sent.items() if isinstance(key, int)}
