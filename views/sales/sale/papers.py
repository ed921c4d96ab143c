"""The papers of a sale: invoice, pro-forma and the label of its address, each a page for printing."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from flask import abort, send_file
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.gateways.pdf import RendererBusy, can_make_pdf, make_pdf
from app.lib.money import amount_in_words
from app.panel.access import lock_membership, permitted, requires, row_key
from app.panel.action import Done
from app.panel.actor import acting_organization, currency
from app.panel.formatting import currency_unit
from app.panel.forms.lines.rows import load_lines
from app.panel.layout.assets import STATIC
from app.panel.responses import failure, success_at
from app.panel.section import Section
from app.panel.view_models import RecordAct
from models.sale import STANDING, SaleStatus
from views.sales.sale.page import address_of, totals_of
from views.sales.sale.paper import PAPERS, Paper, PaperPage

_OPEN = (SaleStatus.DRAFT, *STANDING)


class SalePapers(Section):
    """/<pk>/invoice, /<pk>/proforma and /<pk>/label; POST draws the number. Numbered papers are PDF files too."""

    @expose("/<pk>/invoice")
    @requires("show")
    def invoice(self, pk: str) -> str:
        return self._paper(pk, PAPERS["invoice"])

    @expose("/<pk>/proforma")
    @requires("show")
    def proforma(self, pk: str) -> str:
        return self._paper(pk, PAPERS["proforma"])

    @expose("/<pk>/invoice/pdf")
    @requires("show")
    def invoice_pdf(self, pk: str) -> Any:
        return self._pdf(pk, PAPERS["invoice"])

    @expose("/<pk>/proforma/pdf")
    @requires("show")
    def proforma_pdf(self, pk: str) -> Any:
        return self._pdf(pk, PAPERS["proforma"])

    @expose("/<pk>/invoice/issue", methods=["POST"])
    @requires("issue")
    def issue_invoice(self, pk: str) -> Response:
        return self._issue(pk, PAPERS["invoice"])

    @expose("/<pk>/proforma/issue", methods=["POST"])
    @requires("proforma")
    def issue_proforma(self, pk: str) -> Response:
        return self._issue(pk, PAPERS["proforma"])

    @expose("/<pk>/label")
    @requires("show")
    def label(self, pk: str) -> str:
        sale = self.get_row(row_key(pk), "customer")
        address = address_of(sale) or abort(404)
        back_url = f"{self.base_url}show/{sale.id}"
        return self.render_template("sales/sale/label.html", sale=sale, address=address, back_url=back_url)

    def paper_acts(self, row: Any, key: object = None) -> Sequence[RecordAct]:
        """The papers that the sale has or may get, the one that is due first; *key* stands for its own in addresses."""
        acts = []
        for paper in PAPERS.values():
            may_issue = permitted(self, paper.right) and row.status in (
                _OPEN if paper.key == "proforma" else STANDING
            )
            if may_issue or getattr(row, paper.number) is not None:
                url = f"{self.base_url}{key or row.id}/{paper.key}"
                acts.append(RecordAct(str(paper.title), "printer", url, key="P"))
        return acts

    def _paper(self, pk: str, paper: Paper) -> str:
        return self.render_template("sales/sale/paper.html", **self._parts(pk, paper))

    def _pdf(self, pk: str, paper: Paper) -> Any:
        if not can_make_pdf():
            abort(404)
        parts = self._parts(pk, paper)
        page: PaperPage = parts["page"]
        if page.number is None:
            abort(404)
        html, back_url = (
            self.render_template("sales/sale/pdf.html", **parts),
            f"{self.base_url}{pk}/{paper.key}",
        )
        # Rendering takes seconds, in which no transaction may be open.
        db.session.commit()
        try:
            data = make_pdf(html, files=STATIC, prefix="/static/")
        except RendererBusy:
            return failure(_("Other papers are being made; try again in a moment."), back_url)
        return send_file(
            BytesIO(data),
            "application/pdf",
            as_attachment=True,
            download_name=f"{page.title} {page.number}.pdf",
        )

    def _parts(self, pk: str, paper: Paper) -> dict[str, Any]:
        """What the templates of a paper show; 404 without a number for members who may not issue it."""
        sale = self.get_row(row_key(pk), "customer", "consultant")
        load_lines(self.model, self.lines, [sale])
        number = getattr(sale, paper.number)
        may_issue = number is None and permitted(self, paper.right)
        if number is None and not may_issue:
            abort(404)
        url, unit, organization = f"{self.base_url}{sale.id}/{paper.key}", currency(), acting_organization()
        page = PaperPage(
            title=str(paper.title),
            number=number,
            at=getattr(sale, paper.at),
            issue_url=f"{url}/issue" if may_issue else None,
            pdf_url=f"{url}/pdf" if number is not None and can_make_pdf() else None,
            seller=organization.name if organization else "",
            unit=currency_unit(unit),
            words=amount_in_words(sale.amount, unit),
        )
        return {
            "page": page,
            "sale": sale,
            "lines": sale.items,
            "totals": totals_of(sale),
            "address": address_of(sale),
            "back_url": f"{self.base_url}show/{sale.id}",
        }

    def _issue(self, pk: str, paper: Paper) -> Any:
        lock_membership()
        sale = self.get_row(row_key(pk))
        url = f"{self.base_url}{sale.id}/{paper.key}"
        try:
            paper.issue(sale)
            done = Done(str(paper.issued % {"number": getattr(sale, paper.number)}))
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), url)
        return success_at(done, url)
