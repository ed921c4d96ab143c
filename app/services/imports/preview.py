"""Preview of an import: the recognised columns and the outcome of the first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.lib.persian import persian_digits
from app.lib.tables.headers import guess_columns
from app.lib.tables.source import DoubtfulRow
from app.services.imports.files import job_table, notes_of
from app.services.imports.jobs import check_mapping, find_earlier
from app.services.imports.parse_row import RefusedRow, RowReader, as_text, product_index
from app.services.order.place import NewOrder
from app.services.order.repeat import Earlier, History, load_history
from models.customer import Customer
from models.job import ImportJob
from models.organization import Organization
from models.tenancy.scope import actor_of, whole_organization
from models.types import Choice

ROWS = 20
SAMPLES = 3
_SAMPLE_LENGTH = 60

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


class RowOutcome(Choice):
    """What an import makes of a row."""

    NEW = "new", _l("New order")
    KNOWN = "known", _l("Known customer")
    REPEATED = "repeated", _l("Repeated")
    REJECTED = "rejected", _l("Rejected")


class TwoColumns(DomainError):
    """Two columns are mapped to the same field."""


@dataclass(frozen=True)
class FileColumn:
    index: int
    title: str
    samples: Sequence[str]
    field: str | None


@dataclass(frozen=True)
class Description:
    headings: Sequence[FileColumn]
    notes: Sequence[str]
    earlier: ImportJob | None

    @property
    def mapping(self) -> dict[str, int]:
        return {each.field: each.index for each in self.headings if each.field}


@dataclass(frozen=True)
class PreviewRow:
    number: int
    cells: Sequence[str]
    outcome: RowOutcome
    text: str


def describe(job: ImportJob) -> Description:
    """The columns of the file, each with three samples and its recognised field."""
    table = job_table(job)
    certain = (cells for _number, cells in table.rows() if not isinstance(cells, DoubtfulRow))
    rows = list(islice(certain, SAMPLES))
    fields = {index: field for field, index in guess_columns(table.headers).items()}
    headings = [
        FileColumn(index, title, [_sample(cells, index) for cells in rows], fields.get(index))
        for index, title in enumerate(table.headers)
    ]
    return Description(headings, notes_of(table), find_earlier(job))


def mapping_of(fields: Sequence[str | None]) -> dict[str, int]:
    """Column index by field, given the field of each column; unknown fields are left out. Raises `TwoColumns`."""
    mapping: dict[str, int] = {}
    for index, field in enumerate(fields):
        if field not in FIELDS:
            continue
        if field in mapping:
            raise TwoColumns(_l("Two columns can't both hold «%(what)s»."), what=FIELDS[field])
        mapping[field] = index
    return mapping


def _sample(cells: Sequence[Any], index: int) -> str:
    return as_text(cells[index])[:_SAMPLE_LENGTH] if index < len(cells) else ""


def preview(job: ImportJob, mapping: Mapping[str, int]) -> list[PreviewRow]:
    """The first rows with their outcomes; writes nothing."""
    check_mapping(mapping)
    reader = RowReader(mapping, product_index(), now())
    rows = list(islice(job_table(job).rows(), ROWS))
    read = [(number, cells, _read(reader, cells)) for number, cells in rows]
    with whole_organization(db.session()):
        outcomes = _OutcomePreview([order for _number, _cells, order in read if isinstance(order, NewOrder)])
        return [
            PreviewRow(number, [as_text(cell)[:_SAMPLE_LENGTH] for cell in cells], *outcomes.outcome(order))
            for number, cells, order in read
        ]


def _read(reader: RowReader, cells: Sequence[Any]) -> NewOrder | RefusedRow:
    try:
        return reader.read(cells)
    except RefusedRow as refusal:
        return refusal


class _OutcomePreview:
    """Decides outcomes by the rules of the import; unknown customers get negative ids."""

    def __init__(self, orders: Sequence[NewOrder]) -> None:
        session = db.session()
        organization = session.get_one(Organization, actor_of(session).organization_id)
        mobiles = {order.customer["mobile"] for order in orders}
        statement = select(Customer.mobile, Customer.id).where(Customer.mobile.in_(mobiles))
        self.customers: dict[str, int] = dict(session.execute(statement).all())
        self.history: History = load_history(
            list(self.customers.values()),
            {order.product_id for order in orders},
            timedelta(days=organization.repeat_window_days),
        )

    def outcome(self, order: NewOrder | RefusedRow) -> tuple[RowOutcome, str]:
        if isinstance(order, RefusedRow):
            return RowOutcome.REJECTED, str(order.reason.label)
        mobile = order.customer["mobile"]
        is_known = mobile in self.customers
        pair = (self.customers.setdefault(mobile, -len(self.customers) - 1), order.product_id)
        repeats = self.history.find_repeated(pair, order.ordered_at)
        self.history.orders[pair].append(Earlier(order.ordered_at, is_repeat=repeats is not None))
        if repeats is not None:
            return RowOutcome.REPEATED, _ago(abs(order.ordered_at - repeats.ordered_at))
        outcome = RowOutcome.KNOWN if is_known else RowOutcome.NEW
        return outcome, str(outcome.label)


def _ago(distance: timedelta) -> str:
    if not distance.days:
        return _("Repeated of the same day")
    return _("Repeated of %(days)s days before", days=persian_digits(distance.days))
