"""The amounts that are shown while lines are typed; the server computes them and stores nothing."""

from __future__ import annotations

from typing import Any

from flask import abort, jsonify
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from app.panel.access import requires, row_key
from app.panel.forms.builder import PanelForm
from app.panel.forms.lines.amounts import set_amounts
from app.panel.forms.lines.rows import load_lines
from app.panel.forms.routes import FormScreen
from app.panel.rates.groups import Group, limited
from app.panel.words import Lines

# The routes of lines; a section without them excludes these.
LINE_ROUTES = frozenset({"add_totals", "edit_totals"})


class LinesScreen(FormScreen):
    """POST /add/totals and /edit/<pk>/totals: the amounts of the lines as they are typed, as JSON."""

    @expose("/add/totals", methods=["POST"])
    @requires("add")
    @limited(write=Group.PAGE)
    def add_totals(self) -> Response:
        return totals_response(self.add_form_class()(), self.lines, self.model)

    @expose("/edit/<pk>/totals", methods=["POST"])
    @requires("edit")
    @limited(write=Group.PAGE)
    def edit_totals(self, pk: str) -> Response:
        row = self.get_row(row_key(pk))
        load_lines(self.model, self.lines, [row])
        return totals_response(self.edit_form_class()(obj=row), self.lines, self.model, row)


def totals_response(form: PanelForm, lines: Lines | None, model: type[Any], stored: Any = None) -> Response:
    """The amounts of the lines of *form* and the totals of its row, as texts; lines with errors do not count.

    Each line also has the values with which its empty fields begin.
    """
    if lines is None:
        abort(404)
    form.validate()
    set_amounts(form, lines, model, stored)
    field = form[lines.relation]
    return jsonify(
        lines=[
            {
                "amount": field.amounts.lines[entry.number],
                "presets": {name: entry.form[name]._value() for name in lines.presets},
            }
            for entry in field.entries
        ],
        totals={each.total.name: each.text for each in field.amounts.totals},
    )
