"""The dialog that orders the rows of a section by hand (`order_column`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import lock_membership, requires, row_key, wants_fragment
from app.panel.action import Done
from app.panel.declaration import Declaration
from app.panel.forms.position import STEP
from app.panel.responses import success
from models.audit.recorder import name_event

ORDER_ROUTES = frozenset({"arrange"})
MOST_ROWS = 500


class OrderScreen(Declaration):
    """GET and POST /order."""

    @expose("/order", methods=["GET", "POST"])
    @requires("edit")
    def arrange(self) -> str | Response:
        if request.method == "POST":
            return self._save_order()
        return self.render_template(
            "panel/lists/order.html",
            layout="panel/layout/dialog.html" if wants_fragment() else "panel/layout/dialog_page.html",
            groups=self._groups(),
            section=self,
        )

    def rows_to_order(self) -> Select[Any]:
        """The rows that the dialog offers."""
        return select(self.model)

    def _groups(self) -> Sequence[tuple[str, Sequence[Any]]]:
        """(label, rows in their order) of each value of `order_within`."""
        groups: dict[Any, list[Any]] = {}
        for row in db.session.scalars(self._in_order().limit(MOST_ROWS)):
            groups.setdefault(getattr(row, self.order_within) if self.order_within else None, []).append(row)
        return [(str(getattr(value, "label", "")), rows) for value, rows in groups.items()]

    def _in_order(self) -> Select[Any]:
        names = [name for name in (self.order_within, self.order_column, "id") if name]
        return self.rows_to_order().order_by(*(getattr(self.model, name) for name in names))

    def _save_order(self) -> Response:
        """Number the rows as they were sent; rows that the form did not have come after them."""
        lock_membership()
        sent = list(dict.fromkeys(row_key(text) for text in request.form.getlist("row")[:MOST_ROWS]))
        rows = {row.id: row for row in db.session.scalars(self._in_order().with_for_update())}
        if not sent or not set(sent) <= rows.keys():
            abort(404)
        for number, key in enumerate([*sent, *(key for key in rows if key not in set(sent))], start=1):
            setattr(rows[key], str(self.order_column), number * STEP)
        name_event(db.session(), "edit", self.model, sent)
        db.session.commit()
        return success(Done(_("The order is saved.")), self.base_url)
