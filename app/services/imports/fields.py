"""The fields of orders that the columns of a file fill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.gateways.storage.reading import find_ambiguous, note_ambiguous
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


def ambiguous_columns(job: ImportJob) -> Mapping[str, Any]:
    """Which dates and quantities of the file of *job* are ambiguous under its mapping; reads the whole file."""
    dates, numbers = (
        [job.mapping[name]] if name in job.mapping else [] for name in ("ordered_at", "quantity")
    )
    return find_ambiguous(job, dates=dates, numbers=numbers)


def survey_columns(job: ImportJob) -> None:
    """Store which columns of the file of *job* are ambiguous."""
    note_ambiguous(job, ambiguous_columns(job))
