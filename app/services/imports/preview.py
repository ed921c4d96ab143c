"""Preview of an import: what it would store of the first rows, and the outcomes of all rows. It writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from app.lib.persian import shorten
from app.lib.tables.cells import as_text, storable
from app.services.imports.files import job_table
from app.services.imports.jobs import check_mapping
from app.services.imports.outcomes import OutcomePreview, RowOutcome
from app.services.imports.parse_row import RefusedRow, RowReader, reader_of
from app.services.imports.stored_values import stored_texts
from app.services.order.new_order import NewOrder
from models.job import ImportJob, RejectReason
from models.product import Product
from models.tenancy.scope import whole_organization

ROWS = 20
_CHUNK = 1_000
_LENGTH = 60
# What is left out of a row that is imported all the same.
_OPTIONAL = ("email", "postal_code")


@dataclass(frozen=True)
class PreviewRow:
    """A row with what is stored of it by field, or the texts of the file where it is rejected."""

    number: int
    values: Mapping[str, str]
    outcome: RowOutcome
    text: str


@dataclass
class Preview:
    """The first rows, and the totals of all."""

    rows: list[PreviewRow] = field(default_factory=list)
    outcomes: Counter[RowOutcome] = field(default_factory=Counter)
    reasons: Counter[RejectReason] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def accepts_none(self) -> bool:
        return self.outcomes.total() == self.outcomes[RowOutcome.REJECTED]

    def as_json(self) -> dict[str, Any]:
        """The preview for `from_json`, in values that JSON has."""
        return {
            "rows": [[row.number, dict(row.values), row.outcome.name, row.text] for row in self.rows],
            "outcomes": {outcome.name: count for outcome, count in self.outcomes.items()},
            "reasons": {reason.name: count for reason, count in self.reasons.items()},
            "left_out": dict(self.left_out),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Preview:
        """The preview that `as_json` wrote."""
        return cls(
            [
                PreviewRow(number, values, RowOutcome[kind], text)
                for number, values, kind, text in stored["rows"]
            ],
            Counter({RowOutcome[name]: count for name, count in stored["outcomes"].items()}),
            Counter({RejectReason[name]: count for name, count in stored["reasons"].items()}),
            Counter(stored["left_out"]),
        )


def preview(job: ImportJob, mapping: Mapping[str, int]) -> Preview:
    """The preview of all rows of the file."""
    found = Preview()
    for found in preview_steps(job, mapping):  # noqa: B007 - the last one has all rows
        pass
    return found


def preview_steps(job: ImportJob, mapping: Mapping[str, int]) -> Iterator[Preview]:
    """The preview after each chunk of rows, the same object each time; the caller may commit between them."""
    check_mapping(mapping)
    reader = reader_of(job, mapping, arrived_at=now())
    found, maker, outcomes = Preview(), _Maker(reader), OutcomePreview(reader.products.ids)
    for chunk in _chunks(job_table(job).rows()):
        read = [(number, cells, _read(reader, cells)) for number, cells in chunk]
        with whole_organization(db.session()):
            outcomes.load([order for _number, _cells, order in read if isinstance(order, NewOrder)])
        for number, cells, order in read:
            maker.add(found, number, cells, order, outcomes)
        yield found


def _chunks(rows: Iterator[tuple[int, Sequence[Any]]]) -> Iterator[list[tuple[int, Sequence[Any]]]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk


def _read(reader: RowReader, cells: Sequence[Any]) -> NewOrder | RefusedRow:
    try:
        return reader.read(cells)
    except RefusedRow as refusal:
        return refusal


class _Maker:
    """Adds rows to a preview."""

    def __init__(self, reader: RowReader) -> None:
        self._reader = reader
        self._optional = [name for name in _OPTIONAL if name in reader.mapping]
        statement = select(Product.id, Product.title).where(Product.is_active)
        self._products: dict[int, str] = dict(db.session.execute(statement).all())

    def add(
        self,
        found: Preview,
        number: int,
        cells: Sequence[Any],
        order: NewOrder | RefusedRow,
        outcomes: OutcomePreview,
    ) -> None:
        """Count the row, and show it if it is one of the first."""
        if isinstance(order, RefusedRow):
            outcome, text = RowOutcome.REJECTED, str(order.reason.label)
            found.reasons[order.reason] += 1
        else:
            outcome, text = outcomes.outcome(order)
            found.left_out.update(self._left_out(cells, order))
        found.outcomes[outcome] += 1
        if len(found.rows) < ROWS:
            found.rows.append(PreviewRow(number, self._texts(cells, order), outcome, text))

    def _texts(self, cells: Sequence[Any], order: NewOrder | RefusedRow) -> dict[str, str]:
        fields = list(self._reader.mapping)
        if isinstance(order, NewOrder):
            texts = stored_texts(order, fields, self._products)
        else:
            texts = {name: storable(as_text(self._reader.cell(cells, name))) for name in fields}
        return {name: shorten(text, _LENGTH) for name, text in texts.items()}

    def _left_out(self, cells: Sequence[Any], order: NewOrder) -> list[str]:
        """The optional fields whose text in the file is not stored."""
        if not self._optional:
            return []
        stored = {
            "email": order.customer.get("email"),
            "postal_code": (order.address or {}).get("postal_code"),
        }
        return [
            name
            for name in self._optional
            if not stored[name] and as_text(self._reader.cell(cells, name)).strip()
        ]
