"""The conflict page: two members edited one row, and the second one chooses between the values field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from wtforms import Field

from app.extensions import db
from app.lib.clock import now
from app.lib.jalali import format_date, format_datetime, format_time, today
from app.panel.formatting import ago
from app.panel.forms.builder import PanelForm
from app.panel.forms.code_fields import ChoicesField
from app.panel.forms.difference import Difference, side_of
from app.panel.forms.lines.conflict import compare_lines
from app.panel.forms.lines.field import LinesField
from app.panel.forms.locking import digest, loaded_digests, submitted_value, version_fields
from models.audit.event import AuditEvent
from models.base import Row
from models.member import Member


@dataclass(frozen=True)
class ConflictPage:
    title: str
    back_url: str
    sentence: str
    their_title: str
    differences: Sequence[Difference]
    hidden: Sequence[tuple[str, str]]


def conflict_page(
    row: Row,
    mine: PanelForm,
    theirs: PanelForm,
    names: Sequence[str],
    sent: MultiDict[str, str],
    *,
    title: str,
    back_url: str,
    changed: Row | None = None,
) -> ConflictPage:
    """The page on which the user merges *mine*, their form, with *theirs*, the form of the saved *row*.

    *changed* is the parent that somebody else has changed, where it was not the row itself.
    """
    who, when = _last_change(changed or row)
    plain = [name for name in names if _has_one_value(mine[name])]
    loaded = loaded_digests(sent)
    differences = _compare(mine, theirs, plain, loaded)
    compared = {each.name for each in differences}
    same = [(name, submitted_value(mine[name])) for name in plain if name not in compared]
    # A radio button sends one value, so a field with several values keeps those that the user sent.
    several = [(name, value) for name in names if name not in plain for value in sent.getlist(name)]
    for name in names:
        if isinstance(mine[name], LinesField):
            lines, equal = compare_lines(mine[name], theirs[name], loaded)
            differences += lines
            same += equal
    return ConflictPage(
        title=title,
        back_url=back_url,
        sentence=_sentence(who, when),
        their_title=_("The new version (%(who)s, %(when)s)", who=who, when=ago(when))
        if who
        else _("The new version (%(when)s)", when=ago(when)),
        differences=differences,
        hidden=[*version_fields(theirs, names, row), *same, *several],
    )


def change_sentence(row: Row) -> str:
    """A sentence that says who changed *row* at the same time, and when."""
    return _sentence(*_last_change(row))


def _has_one_value(field: Field) -> bool:
    """Whether the page can show and send the field's value; passwords and files are entered again."""
    if isinstance(field, ChoicesField):
        return True
    return field.type not in {"PasswordField", "FileField"} and not isinstance(field.data, list | tuple | set)


def _last_change(row: Row) -> tuple[str | None, datetime]:
    """The name of the member who changed *row* last (None without an audit event), and the time."""
    statement = (
        select((Member.first_name + " " + Member.last_name).label("who"), AuditEvent.at)
        .join(AuditEvent, AuditEvent.actor_id == Member.id)
        .where(AuditEvent.object_type == type(row).__name__, AuditEvent.object_id == row.id)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    event = db.session.execute(statement).first()
    event_time: datetime = event.at if event else now()
    return event and event.who, getattr(row, "updated_at", event_time)


def _sentence(who: str | None, when: datetime) -> str:
    moment = format_time(when) if format_date(when) == format_date(today()) else format_datetime(when)
    sentence: str = (
        _("This was changed at the same time, at %(when)s.", when=moment)
        if who is None
        else _("This was changed at the same time by %(who)s at %(when)s.", who=who, when=moment)
    )
    return sentence


def _compare(
    mine: PanelForm, theirs: PanelForm, names: Sequence[str], loaded: Mapping[str, str]
) -> list[Difference]:
    return [
        _difference(mine[name], theirs[name], loaded.get(name))
        for name in names
        if submitted_value(mine[name]) != submitted_value(theirs[name])
    ]


def _difference(mine: Field, theirs: Field, loaded: str | None) -> Difference:
    mine_untouched, theirs_untouched = (loaded == digest(submitted_value(field)) for field in (mine, theirs))
    return Difference(
        name=mine.name,
        label=mine.label.text,
        mine=side_of(mine),
        theirs=side_of(theirs),
        keep="theirs" if mine_untouched else "mine",
        both_changed=not (mine_untouched or theirs_untouched),
    )
