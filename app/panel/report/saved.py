"""The saved reports that the acting member may open: their own and the shared ones of one report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import abort
from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.lib.clock import now
from app.lib.persian import group_number, is_blank
from app.panel.access import row_key
from app.panel.actor import member_id
from app.panel.forms.uniqueness import is_unique_violation
from app.panel.lists.saved_views import LONGEST_NAME, MOST_VIEWS, may_share, read_name
from app.panel.queries.arguments import read_query
from app.panel.records.delete import soft_delete
from app.panel.records.restore import UNDO, restore
from app.panel.records.undo import UNDO_FOR
from app.panel.report.page import argument_names
from app.panel.report.reading import FROM, RANGE, TO, Reading, read
from models.schedule.saved_report import SavedReport


class SavedReports:
    """The saved reports of *report*."""

    def __init__(self, report: Any) -> None:
        self.report = report

    def all(self) -> Sequence[SavedReport]:
        """The member's own ones and those that others share, by name."""
        mine = SavedReport.member_id == member_id()
        found = self._of_report().where(or_(mine, SavedReport.is_shared.is_(True)))
        rows: Sequence[SavedReport] = db.session.scalars(
            found.order_by(SavedReport.name, SavedReport.id)
        ).all()
        return rows

    def find(self, pk: str) -> SavedReport:
        """An own or a shared one; 404 for any other."""
        statement = self._of_report().where(SavedReport.id == row_key(pk))
        saved: SavedReport | None = db.session.scalar(statement)
        if saved is None or not (saved.is_shared or saved.member_id == member_id()):
            abort(404)
        return saved

    def changeable(self, pk: str) -> SavedReport:
        """An own one; a shared one also for members who may share."""
        saved = self.find(pk)
        return saved if saved.member_id == member_id() or may_share() else abort(403)

    def own(self, pk: str) -> SavedReport:
        saved = self.find(pk)
        return saved if saved.member_id == member_id() else abort(403)

    def arguments_to_save(self, text: str, *, moves: bool) -> tuple[str, Reading]:
        """The arguments of *text* that the report reads, as a query string, and what was read.

        With *moves* the days of a ready range are left to it, so that they move with the calendar.
        """
        given = read_query(text.removeprefix("?"))
        names = argument_names(self.report)
        known = MultiDict({name: value for name, value in given.items() if name in names and value})
        reading = read(self.report, known)
        if reading.asked is not None:
            typed = {FROM: reading.typed[FROM], TO: reading.typed[TO]}
            days = {RANGE: reading.preset.value} if moves and reading.preset else typed
            known = MultiDict({**{n: v for n, v in known.items() if n not in {FROM, TO, RANGE}}, **days})
        return urlencode(list(known.items())), reading

    def save(self, name: str, text: str, *, moves: bool, is_shared: bool) -> tuple[SavedReport | None, str]:
        """Save the filters of *text* and commit: the row, or None and the message at the name."""
        clean, problem = self._checked(name)
        query, reading = self.arguments_to_save(text, moves=moves)
        if not problem and reading.asked is None:
            problem = _("These filters can't be read; correct them first.")
        if not problem and self._count_mine() >= MOST_VIEWS:
            problem = _(
                "You have saved %(count)s reports here; delete one first.", count=group_number(MOST_VIEWS)
            )
        if problem:
            return None, problem
        saved = SavedReport(
            member_id=member_id(),
            section=self.report.slug,
            name=clean,
            query=query,
            is_shared=is_shared and may_share(),
        )
        db.session.add(saved)
        problem = self._store()
        return (None, problem) if problem else (saved, "")

    def rename(self, saved: SavedReport, name: str) -> str:
        """Rename and commit; returns the message at the name, empty where it was stored."""
        clean, problem = self._checked(name)
        if problem:
            return problem
        saved.name = clean
        return self._store()

    def delete(self, saved: SavedReport) -> None:
        soft_delete(SavedReport, [saved.id])
        db.session.commit()

    def restore(self, pk: str) -> tuple[SavedReport, str]:
        """Undo the member's own deletion: the row, and the reason where it stays deleted."""
        key = row_key(pk)
        statement = self._of_report().where(
            SavedReport.id == key,
            SavedReport.deleted_by_id == member_id(),
            SavedReport.deleted_at > now() - UNDO_FOR,
        )
        saved: SavedReport | None = db.session.scalar(statement, execution_options={"with_deleted": True})
        if saved is None:
            abort(404)
        refused = restore({SavedReport: [key]}, action=UNDO).refused
        db.session.commit()
        return saved, refused[0].reason if refused else ""

    def _of_report(self) -> Any:
        return select(SavedReport).where(SavedReport.section == self.report.slug)

    def _count_mine(self) -> int:
        mine = SavedReport.member_id == member_id(), SavedReport.section == self.report.slug
        return db.session.scalar(select(func.count(SavedReport.id)).where(*mine)) or 0

    def _checked(self, text: str) -> tuple[str, str]:
        name, problem = read_name(text)
        if not problem and is_blank(name):
            problem = _("Give the report a name.")
        elif not problem and len(name) > LONGEST_NAME:
            problem = _("At most %(count)s letters.", count=group_number(LONGEST_NAME))
        return name, problem or ""

    def _store(self) -> str:
        """Commit; the message where the name is taken."""
        try:
            db.session.commit()
        except IntegrityError as error:
            db.session.rollback()
            if not is_unique_violation(error):
                raise
            return str(_("You have a report of this name already."))
        return ""
