"""The form of an extra role, and the merge of conflicting changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l

from app.panel.forms.builder import Filled, Length, PanelForm
from app.panel.forms.conflict import change_sentence
from app.panel.forms.fields import SwitchField, TextField
from app.panel.forms.locking import digest, loaded_digests, submitted_value
from app.services.role.edit import pairs_of
from app.services.role.grant import Pair
from models.role import ExtraRole
from views.organization.role.matrix import changed_since, merge

FIELDS = ("title", "own_rows")


class RoleForm(PanelForm):
    title = TextField(
        _l("Title"),
        [Filled(_l("Please fill in this field.")), Length(2, 40, _l("Between 2 and 40 letters."))],
    )
    own_rows = SwitchField(
        _l("Own rows only"),
        description=_l("Like a consultant: only the follow-ups, orders and customers of their own."),
    )


@dataclass
class RoleConflict:
    """A conflicting change of a role: a sentence, the other member's changes, and the merged boxes."""

    sentence: str
    changes: Sequence[str]
    ticked: set[Pair] = field(default_factory=set)


def merge_conflict(
    extra: ExtraRole, form: RoleForm, mine: set[Pair], sent: Mapping[str, str]
) -> RoleConflict:
    """Merge the other member's changes into *form*; where both changed a field, *form* stays and the change is listed."""
    theirs, changes = RoleForm(formdata=None, obj=extra), []
    loaded = loaded_digests(sent)
    for name in FIELDS:
        if submitted_value(form[name]) == submitted_value(theirs[name]):
            continue
        changes.append(f"{theirs[name].label.text}: {submitted_value(theirs[name]) or '✗'}")
        if loaded.get(name) == digest(submitted_value(form[name])):
            form[name].data = theirs[name].data
    pairs = pairs_of(extra.role)
    changes += changed_since(pairs, sent)
    return RoleConflict(change_sentence(extra), changes, merge(mine, pairs, sent))
