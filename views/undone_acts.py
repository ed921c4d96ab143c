"""Routes that undo an act, which the moment of the act identifies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, NamedTuple

from flask import abort
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.lib.moment import moment_of, number_of
from app.panel.access import lock_membership, row_key
from app.panel.action import Done
from app.panel.records.undo import may_undo, record_undo, undo_batch_at
from app.panel.responses import failure, success
from app.panel.section import Section


class Outcome(NamedTuple):
    """What was undone and what stayed, in words for the member; either may be empty."""

    undone: str
    stayed: str = ""


class UndoneActs(Section):
    """What the undo of an act on many rows has in common."""

    too_late: ClassVar = _l("It is too late to take this back.")

    def undo_address(self, route: str, at: datetime) -> str:
        """The address that undoes the act of the moment *at*."""
        return f"{self.base_url}{route}/{number_of(at)}"

    def undo_act_at(self, moment: str, undo: Callable[[datetime], Outcome]) -> Response:
        """Undo the acting member's act of *moment*, as its address has it, within ten minutes."""
        lock_membership()
        try:
            act = undo_batch_at(moment_of(row_key(moment)))
            outcome = undo(act.at) if may_undo(act) else Outcome("")
        except OverflowError:
            abort(404)
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self.base_url)
        if not outcome.undone:
            db.session.rollback()
            return failure(outcome.stayed or str(self.too_late), self.base_url)
        record_undo(act)
        db.session.commit()
        return success(Done(" ".join(filter(None, outcome))), self.base_url)


def stayed(count: int, reason: str) -> str:
    """That *count* rows stay as they are, with a reason; empty where none does."""
    if not count:
        return ""
    return ngettext("%(num)s stayed: %(reason)s", "%(num)s stayed: %(reason)s", count, reason=reason)
