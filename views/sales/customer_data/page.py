"""The export of what is stored about a customer, for members who may erase customers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import DomainError
from app.extensions import db
from app.lib.tables.writer import SheetWriter
from app.panel.access import Access, permitted_section, requires, row_key
from app.panel.declaration import EXPORT
from app.panel.export.job import opened, queue_job
from app.panel.impersonation import JobAborted
from app.panel.page import Page
from app.panel.rates.groups import Group, limited
from app.services.audit.record import record
from models.customer import Customer
from models.job import ExportFormat, ExportJob
from views.sales.customer_data.lines import lines_of

_PK = "customer"


class CustomerData(Page):
    """GET of /customer-data/?customer=<pk>, POST of /customer-data/export."""

    slug = "customer-data"
    title = _l("Customer data")
    # The noun in the sentence of the finished job.
    title_one: ClassVar[LazyString] = _l("line")
    needs_organization = True
    roles = {"Manager": Access.actions("list", EXPORT)}

    @expose("/")
    @requires("list")
    def index(self) -> str:
        text = request.args.get(_PK)
        return self.render_template(
            "sales/customer/data.html",
            customer=self._asked(text) if text else None,
            url=f"{self.base_url}{EXPORT}",
            list_url="/customers/",
            token=str(uuid4()),
        )

    @expose("/export", methods=["POST"])
    @requires(EXPORT)
    @limited(write=Group.EXPORT)
    def export(self) -> Any:
        customer = self._asked(request.form.get(_PK, ""))
        # Before the job, so that the event is the customer's and stands in their trail.
        record(EXPORT, customer)
        job = queue_job(self, str(customer.id), ExportFormat.XLSX, 0, columns=[], masked=False)
        db.session.commit()
        return opened(self, job)

    def write_table(self, job: ExportJob, path: Path) -> Iterator[int]:
        """Write what is stored about the customer; yields the number of lines."""
        if not _may_erase():
            raise JobAborted(_("The right to do this was withdrawn."))
        customer = _find(int(job.query))
        if customer is None:
            raise DomainError(_l("It is not there any more."))
        headings = [_("Part"), _("What"), _("At"), _("Details")]
        with SheetWriter(path, headings, ["text", "text", "moment", "text"]) as table:
            count = 0
            for line in lines_of(customer):
                table.row(line)
                count += 1
            yield count

    def _asked(self, text: str) -> Customer:
        """The customer with the key *text*; 403 for members who may not erase customers, 404 for rows out of sight."""
        if not _may_erase():
            abort(403)
        found: Customer = _find(row_key(text)) or abort(404)
        return found


def _may_erase() -> bool:
    return permitted_section("customers", "can_erase") is not None


def _find(key: int) -> Customer | None:
    section = permitted_section("customers", "can_show")
    statement = section.statement().where(Customer.id == key) if section is not None else None
    found: Customer | None = None if statement is None else db.session.scalar(statement)
    return found
