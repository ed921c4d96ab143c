"""Import of orders: the list of imports, progress, result and undo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.panel.access import Access, permitted, permitted_section, requires
from app.panel.action import Done, counted
from app.panel.displays import Chip
from app.panel.forms.reauthentication import MOST_UNASKED, require_recent_password
from app.panel.layout.first_day import FirstStep
from app.panel.notifications import Notify
from app.panel.rates.groups import Group, limited
from app.panel.responses import failure, success_at
from app.panel.view_models import Button
from app.services.assignment.share import waiting_of_import
from app.services.assignment.share_words import sentences_on_import
from app.services.imports.files import write_rejections
from app.services.imports.jobs import count_rejections, first_rejections
from app.services.imports.undo import undo_import
from models.job import ORDERS, ImportJob, ImportStatus
from models.order import Order
from views import groups
from views.sales.imports.steps import UNDER_WAY, ImportSteps

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLOURS = {
    ImportStatus.QUEUED: "blue",
    ImportStatus.RUNNING: "blue",
    ImportStatus.DONE: "green",
    ImportStatus.FAILED: "red",
}


class Imports(ImportSteps):
    model = ImportJob
    slug = "imports"
    title, title_one = _l("Import of orders"), _l("import")
    group, icon, menu_order = groups.SALES, "file-import", 290
    right_labels = {"cancel": _l("Take back")}

    columns = (
        "original_name",
        "created_at",
        Chip("status", COLOURS),
        "total_rows",
        "accepted",
        "repeated",
        "rejected",
    )
    labels = {"created_at": _l("Received")}
    filters = ("status", "created_at", "total_rows")
    sortable = ("created_at",)
    empty = _l("No file was imported yet")
    empty_hint = _l(
        "The columns of an Excel or csv file are found by themselves; a preview comes before anything is stored."
    )

    notify = (
        Notify(
            on="status",
            to="created_by_id",
            values=(ImportStatus.DONE,),
            where=lambda: ImportJob.section == ORDERS,
            text=_l("The import of «%(name)s» is done"),
            many=_l("%(num)s imports are done"),
        ),
        Notify(
            on="status",
            to="created_by_id",
            values=(ImportStatus.FAILED,),
            where=lambda: ImportJob.section == ORDERS,
            text=_l("The import of «%(name)s» failed"),
            many=_l("%(num)s imports failed"),
            is_problem=True,
        ),
    )

    first_step = FirstStep(
        4,
        _l("Import of orders"),
        todo=_l("An Excel or CSV file; before the import you see the state of each row."),
        done=counted("%(num)s order has come in.", "%(num)s orders have come in."),
        rows=lambda: select(Order.id),
        label=_l("Import orders"),
        icon="file-import",
    )

    roles = {"Manager": Access.READ | Access.ADD | Access.actions("cancel")}

    def statement(self) -> Select[Any]:
        """The imports of orders; those of other sections have pages of their own."""
        return super().statement().where(ImportJob.section == ORDERS)

    def list_buttons(self) -> Sequence[Button]:
        if not permitted(self, "can_add"):
            return []
        return [Button(_("Import a file"), "file-import", f"{self.base_url}add", primary=True)]

    @expose("/show/<pk>")
    @requires("show")
    def show(self, pk: str) -> str:
        job = self._job(pk)
        if job.status is ImportStatus.UPLOADED:
            return self._columns_page(job)
        if job.status in UNDER_WAY:
            return self.render_template("sales/imports/run.html", job=job, section=self)
        return self._result_page(job)

    def _result_page(self, job: ImportJob) -> str:
        return self.render_template(
            "sales/imports/result.html",
            job=job,
            reasons=count_rejections(job),
            rejected=first_rejections(job),
            dealt=sentences_on_import(job),
            waiting=self._waiting(job),
            may_undo=permitted(self, "can_cancel"),
            section=self,
        )

    @staticmethod
    def _waiting(job: ImportJob) -> tuple[int, str] | None:
        """The number of orders of *job* without a consultant, and the tray; None where the member has none to assign."""
        orders = permitted_section("orders", "can_list")
        count = waiting_of_import(job) if orders and job.status is ImportStatus.DONE else 0
        return (count, f"{orders.base_url}?tab=waiting") if orders and count else None

    @expose("/progress/<pk>")
    @requires("show")
    @limited(read=Group.NEWS)
    def progress(self, pk: str) -> str | Response:
        job = self._job(pk)
        if job.status in UNDER_WAY:
            return self.render_template("sales/imports/_progress.html", job=job, section=self)
        return Response(status=204, headers={"HX-Redirect": self._address("show", job)})

    @expose("/rejected/<pk>")
    @requires("show")
    def rejected(self, pk: str) -> Response:
        job = self._job(pk)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "rejected.xlsx"
            write_rejections(job, path)
            content = path.read_bytes()
        response = Response(content, mimetype=XLSX)
        response.headers.set("Content-Disposition", "attachment", filename=f"rejected-{job.id}.xlsx")
        return response

    @expose("/take-back/<pk>", methods=["POST"])
    @requires("cancel")
    def take_back(self, pk: str) -> Response:
        job = self._job(pk)
        if job.total_rows > MOST_UNASKED:
            require_recent_password()
        address = self._address("show", job)
        try:
            undone = undo_import(job)
        except DomainError as error:
            return failure(str(error), address)
        db.session.commit()
        words = ngettext("%(num)s order taken back.", "%(num)s orders taken back.", undone.orders)
        return success_at(Done(words), address)
