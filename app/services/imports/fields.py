"""The fields of orders that the columns of a file fill."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.gateways.storage.reading import survey
from models.job import ImportJob

# The fields of a column, with the labels and the order of the form.
FIELDS = {
    "mobile": _l("Mobile"),
    "product": _l("Product"),
    "ordered_at": _l("Ordered at"),
    "full_name": _l("Full name"),
    "first_name": _l("First name"),
    "last_name": _l("Last name"),
    "quantity": _l("Quantity"),
    "note": _l("Note"),
    "reference": _l("Client reference"),
    "province": _l("Province"),
    "city": _l("City"),
    "address": _l("Address"),
    "postal_code": _l("Postal code"),
    "email": _l("E-mail"),
}


def survey_columns(job: ImportJob) -> None:
    """Find out which dates and quantities of the file of *job* are ambiguous under its mapping."""
    dates, numbers = (
        [job.mapping[name]] if name in job.mapping else [] for name in ("ordered_at", "quantity")
    )
    survey(job, dates=dates, numbers=numbers)
