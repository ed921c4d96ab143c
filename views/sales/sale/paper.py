"""The numbered papers of a sale, and what a printed one shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.services.sale.numbers import issue_invoice, issue_proforma
from models.sale import Sale


@dataclass(frozen=True)
class Paper:
    """A numbered paper: its title, the right to give it its number, and where the sale has number and time."""

    key: str
    title: LazyString
    right: str
    number: str
    at: str
    issue: Callable[[Sale], bool]
    issued: LazyString


PAPERS = {
    "invoice": Paper(
        "invoice",
        _l("Invoice"),
        "can_issue",
        "invoice_number",
        "invoice_at",
        issue_invoice,
        _l("Invoice %(number)s is issued."),
    ),
    "proforma": Paper(
        "proforma",
        _l("Pro-forma"),
        "can_proforma",
        "proforma_number",
        "proforma_at",
        issue_proforma,
        _l("Pro-forma %(number)s is issued."),
    ),
}


@dataclass(frozen=True)
class PaperPage:
    """A paper as it is printed; without a number it is a preview, with `issue_url` where the member may issue it."""

    title: str
    number: int | None
    at: datetime | None
    issue_url: str | None
    pdf_url: str | None
    seller: str
    unit: str
    words: str
