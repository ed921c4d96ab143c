"""The export of what is stored about a customer, for members who may erase customers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from flask import abort
from flask_appbuilder import expose
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import DomainError
from app.extensions import db
from app.lib.tables.writer import SheetWriter
from app.panel.access import permitted, permitted_section, requires, row_key
from app.panel.declaration import EXPORT
from app.panel.export.job import opened, queue_job
from app.panel.impersonation import JobAborted, lock_permission
from app.panel.page import Page
from app.panel.rates.groups import Group, limited
from app.services.audit.record import record
from models.customer import Customer
from models.job import ExportFormat, ExportJob
from views.sales.customer_data.lines import lines_of

ERASE = "erase"


class CustomerData(Page):
    """GET of /customer-data/<pk>, POST of /customer-data/<pk>/export."""

    slug = "customer-data"
    title = _l("Customer data")
    # The noun in the sentence of the finished job.
    title_one: ClassVar[LazyString] = _l("line")
    needs_organization = True
    # Who may erase customers may export their data: the page has no right of its own.
    class_permission_name = "Customers"

    @property
    def base_url(self) -> str:
        """The list of customers, where the page of the job leads back to."""
        return "/customers/"

    @expose("/<pk>")
    @requires(ERASE)
    def show(self, pk: str) -> str:
        customer = self._customer(row_key(pk)) or abort(404)
        return self.render_template(
            "sales/customer/data.html",
            customer=customer,
            url=f"{self.route_base}/{customer.id}/{EXPORT}",
            back_url=f"{self.base_url}show/{customer.id}",
            token=str(uuid4()),
        )

    @expose("/<pk>/export", methods=["POST"])
    @requires(ERASE)
    @limited(write=Group.EXPORT)
    def export(self, pk: str) -> Any:
        customer = self._customer(row_key(pk)) or abort(404)
        # Before the job, so that the event is the customer's and stands in their trail.
        record(EXPORT, customer)
        job = queue_job(self, str(customer.id), ExportFormat.XLSX, 0, columns=[], masked=False)
        db.session.commit()
        return opened(self, job)

    def write_table(self, job: ExportJob, path: Path) -> Iterator[int]:
        """Write what is stored about the customer; yields the number of lines."""
        lock_permission(job, self, f"can_{ERASE}")
        customer = self._customer(int(job.query))
        if customer is None:
            raise DomainError(_l("It is not there any more."))
        headings = [_("Part"), _("What"), _("At"), _("Details")]
        with SheetWriter(path, headings, ["text", "text", "moment", "text"]) as table:
            count = 0
            for line in lines_of(customer):
                table.row(line)
                count += 1
            yield count

    def _customer(self, key: int) -> Customer | None:
        """The customer, if the member may see, export and erase them."""
        section = permitted_section("customers", f"can_{ERASE}")
        if section is None or not permitted(section, f"can_{EXPORT}"):
            raise JobAborted(_("The right to do this was withdrawn."))
        found: Customer | None = db.session.scalar(section.statement().where(Customer.id == key))
        return found
