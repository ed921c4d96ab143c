"""The confirmation step of an action: what it asks of which rows, in a dialog, beside a button or as a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy import Select
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import wants_fragment
from app.panel.action import Action, Question
from app.panel.bulk.conditions import Choice, split_rows
from app.panel.bulk.selection import MOST_AT_ONCE, Matching
from app.panel.declaration import Declaration
from app.panel.forms.builder import PanelForm
from app.panel.lists.row_names import row_names
from app.panel.responses import failure
from app.panel.view_models import Step
from models.base import Row

# The place of the confirmation of an action with `on_row`.
BESIDE = "act-popover"
_PLACE = "_place"
_STEP_BESIDE, _STEP_DIALOG = "panel/forms/step_beside.html", "panel/forms/step.html"
_STEP_PAGE = "panel/forms/step_page.html"


@dataclass(frozen=True)
class Shown:
    """The rows that a confirmation is about: their number, their statement, and sentences on those left out."""

    count: int
    statement: Select[Any]
    typed_count: int | None = None
    mistake: str | None = None
    more: Sequence[str] = ()


def is_beside() -> bool:
    """Whether the request is for the confirmation beside a button of a row, which `acts.js` shows."""
    return wants_fragment() and request.form.get(_PLACE) == BESIDE


def is_confirmed() -> bool:
    """Whether the user has confirmed the step."""
    return request.form.get("_step") == "run"


def selection_fields(rows: Sequence[Row]) -> list[tuple[str, str]]:
    versions = request.form.get("versions", "")
    return [*((("versions", versions),) if versions else ()), *(("rowid", str(row.id)) for row in rows)]


def statement_of(section: Declaration, rows: Sequence[Row]) -> Select[Any]:
    return section.statement().where(section.model.id.in_([row.id for row in rows]))


def confirmation_for_all(
    section: Declaration, chosen: Action, found: Matching, form: PanelForm | None, *, mistake: str | None
) -> Any:
    shown = Shown(found.count, found.statement, typed_count=found.typed_count, mistake=mistake)
    if chosen.when is not None and found.count <= MOST_AT_ONCE:
        choice = split_rows(section, chosen, db.session.scalars(found.statement).all())
        if not choice.able:
            return failure(" ".join(choice.sentences), section.base_url)
        shown = replace(shown_of(section, choice), typed_count=found.typed_count, mistake=mistake)
    elif chosen.when is not None:
        words = _(
            "Rows on which this is not possible stay as they are; the result names them with the reason."
        )
        shown = replace(shown, more=[words])
    return confirmation(section, chosen, found.carried(request.form), form, shown)


def shown_of(section: Declaration, choice: Choice) -> Shown:
    return Shown(len(choice.able), statement_of(section, choice.able), more=choice.sentences)


def confirmation(
    section: Declaration,
    chosen: Action,
    selection: Sequence[tuple[str, str]],
    form: PanelForm | None,
    shown: Shown,
    *,
    status: int = 422,
) -> str | tuple[str, int] | Response:
    """The confirmation step; *selection* has hidden fields that name the rows."""
    question = _question(section, chosen, shown.statement, form, shown.count)
    place = [(_PLACE, BESIDE)] if is_beside() else []
    step = Step(
        title=question.title,
        sentence=question.lines[0],
        action_url=request.path,
        hidden=[("action", chosen.name), ("_step", "run"), *place, *selection],
        submit_label=question.submit,
        form=form,
        fields=[name for name in form._fields if name != "csrf_token"] if form else [],
        danger=chosen.danger,
        typed_count=shown.typed_count,
        typed_error=shown.mistake,
        lines=[*question.lines[1:], *shown.more],
        place=BESIDE if is_beside() else "dialog",
    )
    template = _STEP_BESIDE if is_beside() else _STEP_DIALOG if wants_fragment() else _STEP_PAGE
    html = section.render_template(template, step=step, section=section)
    return (html, status) if is_confirmed() else html


def _question(
    section: Declaration, chosen: Action, statement: Select[Any], form: PanelForm | None, count: int
) -> Question:
    if chosen.ask:
        return chosen.ask(section, statement, count)
    lines = (
        chosen.foresee(section, statement, form)
        if chosen.foresee
        else [chosen.confirm(count, section.title_one)]
    )
    names = [row_names(section, statement, count)] if chosen.danger else []
    return Question(str(chosen.label), [*names, *lines], chosen.submit(count, section.title_one))
