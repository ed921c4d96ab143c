"""The merge of customers: for members with the right to merge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.extensions import db
from app.lib.clock import now
from app.panel.access import lock_membership, permitted, requires
from app.panel.action import Done, action, counted
from app.panel.bulk.selection import ALL, queue_chosen
from app.panel.bulk.ticked import ticked_keys
from app.panel.formatting import time_cell
from app.panel.responses import failure, lead_to, success_at
from app.panel.view_models import ROW_KEY, BulkButton, Button, MenuItem, SideItem, SideSheet, danger_last
from app.services.merge.merge import LEAST, MOST, Outdated, Wish, merge_customers
from app.services.merge.relations import MOST_MOVED, count_moving
from models.customer import Customer
from models.job import BulkJob
from views.customer_overview import overview_of
from views.merging.compare import compare
from views.merging.form import MergeForm
from views.merging.merges import absorbed_names
from views.merging.others import comparison_query
from views.merging.rest import REST_ACTS
from views.merging.undoing import Undoing
from views.merging.words import how_many, merged_words


class Merging(Undoing):
    """/duplicates, /merge-chosen, /<pk>/merge-with, /merge and /undo-merge/<pk>; by REST /<pk>/merge and /<pk>/undo-merge."""

    rest_acts = REST_ACTS

    @action(
        _l("Merge customers"),
        icon="arrows-join",
        confirm=counted("Merge %(num)s customer", "Merge %(num)s customers"),
        submit=counted("Merge %(num)s customer", "Merge %(num)s customers"),
        form=MergeForm,
        single=False,
        bulk=False,
        name="merge",
    )
    def merge_rows(self, rows: Sequence[Any], form: MergeForm) -> Done:
        """Merge the customers of the form, which a job gets as its rows."""
        versions = form.seen
        if set(self._in_sight(list(versions))) != set(versions):
            raise Outdated(_("One of these customers was deleted or merged meanwhile."))
        act = merge_customers(Wish(versions, form.chosen), at=now())
        return Done(merged_words(act), self._undo_url(act.id))

    def list_buttons(self) -> Sequence[Button]:
        buttons = super().list_buttons()
        if not permitted(self, "can_merge"):
            return buttons
        return [*buttons, Button(_("Duplicate customers"), "copy", self._duplicates_url())]

    def own_items(self, row: Any) -> Sequence[MenuItem]:
        items = super().own_items(row)
        if not permitted(self, "can_merge"):
            return items
        url = f"{self.base_url}{ROW_KEY}/merge-with"
        return danger_last([*items, MenuItem(_("Merge with …"), "arrows-join", url)])

    def bulk_buttons(self) -> Sequence[BulkButton]:
        buttons = super().bulk_buttons()
        if not permitted(self, "can_merge"):
            return buttons
        url = f"{self.base_url}merge-chosen"
        return danger_last([*buttons, BulkButton("merge", _("Merge customers"), "arrows-join", url=url)])

    def side_sheets(self, row: Any) -> Sequence[SideSheet]:
        sheets, merge = super().side_sheets(row), overview_of(row).merge
        if merge is None:
            return sheets
        item = SideItem(
            "، ".join(name or mobile for name, mobile in absorbed_names(merge.absorbed)),
            hint=time_cell("created_at", merge.at).text or "",
            act=MenuItem(_("Undo the merge"), "arrow-back-up", self._undo_url(merge.id), "post"),
        )
        return [*sheets, SideSheet("merges", _("Merged into this customer"), items=[item])]

    @expose("/merge-chosen", methods=["POST"])
    @requires("merge")
    def merge_chosen(self) -> Response:
        """From the bulk bar to the comparison of the ticked rows."""
        if request.form.get(ALL):
            return failure(how_many(), self.base_url)
        keys = ticked_keys(request.form)
        if not LEAST <= len(keys) <= MOST:
            return failure(how_many(), self.base_url)
        return lead_to(f"{self.base_url}merge?{comparison_query(*keys)}")

    @expose("/merge", methods=["GET", "POST"])
    @requires("merge")
    def merge(self) -> Any:
        keys = ticked_keys(request.form if request.method == "POST" else request.args)
        if not LEAST <= len(keys) <= MOST:
            return failure(how_many(), self._duplicates_url())
        if request.method == "GET":
            return self._comparison(self.rows_in_scope(keys))
        lock_membership()
        self.refuse_foreign(keys)
        form = MergeForm()
        versions = {key: form.seen.get(key, 0) for key in keys}
        if set(form.seen) == set(keys) and count_moving(keys) > MOST_MOVED:
            job = self.queue_merge(keys, form, request.form)
            db.session.commit()
            return redirect(f"/jobs/{job.id}")
        try:
            act = merge_customers(Wish(versions, form.chosen), at=now())
            db.session.commit()
        except Outdated as error:
            db.session.rollback()
            return self._comparison(self._still_there(keys), mistake=str(error)), 409
        done = Done(merged_words(act), self._undo_url(act.id))
        return success_at(done, f"{self.base_url}show/{act.survivor_id}")

    def queue_merge(self, keys: Sequence[int], form: MergeForm, sent: MultiDict[str, str]) -> BulkJob:
        return queue_chosen(self, self.declared_actions["merge"], keys, form, sent)

    def _comparison(self, rows: Sequence[Any], *, mistake: str = "") -> str:
        return self.render_template(
            "sales/customer/merge.html",
            page=compare(rows, MergeForm().chosen, self.base_url) if len(rows) >= LEAST else None,
            mistake=mistake,
            url=f"{self.base_url}merge",
            back_url=self._duplicates_url(),
        )

    def _still_there(self, keys: Sequence[int]) -> Sequence[Any]:
        statement = self.statement().where(Customer.id.in_(keys)).order_by(Customer.id)
        return db.session.scalars(statement).all()
