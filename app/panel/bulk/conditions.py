"""The condition of an action (`when`): the rows on which it can run, and the others with their reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.errors import Conflict
from app.extensions import db
from app.lib.persian import group_number
from app.panel.action import Action, Done, event_name_of
from app.panel.declaration import Declaration
from models.audit.recorder import name_event
from models.base import Row

# A sentence names at most this many rows.
_MOST_NAMES = 3


class ConditionRefused(Conflict):
    """The action can't run on any of the chosen rows; the message names them and the reasons."""


@dataclass(frozen=True)
class Choice:
    """The rows that an action can run on, and the others: label and reason by key."""

    able: Sequence[Any]
    refused: Mapping[int, tuple[str, str]]

    @property
    def reasons(self) -> dict[int, str]:
        return {key: reason for key, (_label, reason) in self.refused.items()}

    @property
    def sentences(self) -> list[str]:
        """A sentence for each reason, with the names of its rows."""
        groups: dict[str, list[str]] = {}
        for label, reason in self.refused.values():
            groups.setdefault(reason, []).append(f"«{label}»")
        return [_sentence(names, reason) for reason, names in groups.items()]

    def merged(self, done: Done) -> Done:
        """*done*, which also names the rows that were refused before it ran."""
        if not self.refused:
            return done
        message = " ".join([done.message, *self.sentences])
        return replace(done, message=message, refused={**self.reasons, **done.refused})


def _sentence(names: Sequence[str], reason: str) -> str:
    shown, others = str(_("، ")).join(names[:_MOST_NAMES]), len(names) - _MOST_NAMES
    if others > 0:
        shown = ngettext(
            "%(names)s and %(count)s other",
            "%(names)s and %(count)s others",
            others,
            names=shown,
            count=group_number(others),
        )
    return str(_("%(names)s: %(reason)s", names=shown, reason=reason))


def split_rows(section: Declaration, chosen: Action, rows: Sequence[Any]) -> Choice:
    """*rows* by the condition of *chosen*, as they were read."""
    if chosen.when is None:
        return Choice(rows, {})
    section.complete(rows)
    able, refused = [], {}
    for row in rows:
        reason = chosen.refusal(row)
        if reason is None:
            able.append(row)
        else:
            refused[row.id] = str(row), reason
    return Choice(able, refused)


def lock_rows(section: Declaration, chosen: Action, rows: Sequence[Any], form: Any) -> Choice:
    """*rows* by the condition of *chosen*, after those that it can run on were locked and read again."""
    seen = split_rows(section, chosen, rows)
    if chosen.when is None or not seen.able:
        return seen
    before = {row.id: row for row in seen.able}
    section.lock_before(chosen, seen.able, form)
    locked = split_rows(section, chosen, _read_again(section, list(before)))
    there = {row.id for row in locked.able} | locked.refused.keys()
    # A label may read parents, so only the refused rows get one.
    gone = {
        key: (str(row), _("It is not there any more.")) for key, row in before.items() if key not in there
    }
    return Choice(locked.able, {**seen.refused, **locked.refused, **gone})


def run_locked(section: Declaration, chosen: Action, rows: Sequence[Any], form: Any) -> Done:
    """Run *chosen* on those of *rows* that it can run on; raises `ConditionRefused` for none. The caller commits."""
    choice = lock_rows(section, chosen, rows, form)
    if not choice.able:
        reasons = list(choice.reasons.values())
        raise ConditionRefused(reasons[0] if len(reasons) == 1 else " ".join(choice.sentences))
    name_event(db.session(), event_name_of(chosen), section.model, [row.id for row in choice.able])
    return choice.merged(chosen.run(section, choice.able, form))


def _read_again(section: Declaration, keys: Sequence[int]) -> Sequence[Row]:
    statement = section.statement().where(section.model.id.in_(keys)).order_by(section.model.id)
    locked = statement.with_for_update(of=section.model).execution_options(populate_existing=True)
    rows: Sequence[Row] = db.session.scalars(locked).all()
    return rows
