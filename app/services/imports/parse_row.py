"""Parses one row of a file into an order, or a refusal with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from app.gateways.storage.reading import styles_of
from app.lib.codes import CodeError, read_postal_code
from app.lib.email import is_email
from app.lib.jalali import FIRST_YEAR, LAST_YEAR, TEHRAN, DateReason, JalaliError, start_of_day, to_jalali
from app.lib.mobile import MobileError, canonical_mobile
from app.lib.persian import TextError, clean_line, clean_text, is_blank
from app.lib.tables.cells import as_text, storable
from app.lib.tables.headers import is_in_utc
from app.lib.tables.source import Doubt, DoubtfulRow
from app.lib.tables.values.moments import parse_moment
from app.lib.tables.values.quantities import AmbiguousNumber, parse_quantity
from app.lib.tables.values.styles import Styles, number_style
from app.services.imports.products import ProductIndex, load_products
from app.services.order.new_order import NewOrder
from models.job import ImportJob, RejectReason

MOST_QUANTITY = 10_000
_VALUE_LENGTH = 500
_DOUBTS = {Doubt.QUOTES: RejectReason.QUOTES, Doubt.WIDTH: RejectReason.WIDTH}


class RefusedRow(Exception):
    """A rejected row: the reason and the value of the cell that caused it."""

    def __init__(self, reason: RejectReason, value: str) -> None:
        super().__init__(reason.value)
        self.reason, self.value = reason, storable(value)[:_VALUE_LENGTH]


@dataclass(frozen=True)
class RowReader:
    """Parses rows, given the columns of the fields, the products, and the date of undated rows."""

    mapping: Mapping[str, int]
    products: ProductIndex
    arrived_at: datetime
    styles: Styles = field(default_factory=Styles)
    # Times without an offset are in UTC instead of Tehran.
    is_utc: bool = False

    def read(self, cells: Sequence[Any]) -> NewOrder:
        """The order in *cells*; raises `RefusedRow`."""
        if isinstance(cells, DoubtfulRow):
            raise RefusedRow(_DOUBTS[cells.doubt], cells.line)
        self._refuse_broken(cells)
        mobile = self._mobile(cells)
        product_id = self._product(cells)
        ordered_at = self._ordered_at(cells)
        quantity = self._quantity(cells)
        return NewOrder(
            customer={
                "mobile": mobile,
                **self._name(cells),
                "email": self._email(cells),
                **self._texts(cells, **_PLACE),
            },
            product_id=product_id,
            ordered_at=ordered_at,
            quantity=quantity,
            note=self._text(cells, "note", 5000),
            reference=self._text(cells, "reference", 80),
            address=self._address(cells),
        )

    def cell(self, cells: Sequence[Any], field: str) -> Any:
        """The cell of *field*; None when the row is too short or the field has no column."""
        index = self.mapping.get(field)
        return cells[index] if index is not None and index < len(cells) else None

    def _refuse_broken(self, cells: Sequence[Any]) -> None:
        """Reject the whole row when any cell has undecodable bytes."""
        for text in cells:
            if isinstance(text, str) and not text.isascii() and storable(text) is not text:
                raise RefusedRow(RejectReason.TEXT, text)

    def _mobile(self, cells: Sequence[Any]) -> str:
        text = as_text(self.cell(cells, "mobile"))
        try:
            return canonical_mobile(text)
        except MobileError as error:
            raise RefusedRow(RejectReason.MOBILE, text) from error

    def _product(self, cells: Sequence[Any]) -> int:
        text = as_text(self.cell(cells, "product"))
        product_id = self.products.find(text)
        if product_id is None:
            raise RefusedRow(RejectReason.PRODUCT, text)
        return product_id

    def _ordered_at(self, cells: Sequence[Any]) -> datetime:
        value = self.cell(cells, "ordered_at")
        text = as_text(value)
        if not text.strip():
            return self.arrived_at
        try:
            if isinstance(value, date):
                return _instant(value, is_utc=self.is_utc)
            return parse_moment(text, self.styles.dates, is_utc=self.is_utc)
        except JalaliError as error:
            raise RefusedRow(RejectReason.DATE, text) from error

    def _quantity(self, cells: Sequence[Any]) -> int:
        value = self.cell(cells, "quantity")
        text = as_text(value).strip()
        if not text:
            return 1
        try:
            quantity = parse_quantity(text, number_style(value, self.styles), most=MOST_QUANTITY)
        except AmbiguousNumber:
            quantity = None
        if quantity is None:
            raise RefusedRow(RejectReason.QUANTITY, text)
        return quantity

    def _name(self, cells: Sequence[Any]) -> dict[str, str | None]:
        names = self._texts(cells, first_name=80, last_name=80)
        whole = self._text(cells, "full_name", 161)
        if whole is None or any(names.values()):
            return names
        first, _space, last = whole.partition(" ")
        return {"first_name": first[:80], "last_name": last.strip()[:80] or None}

    def _address(self, cells: Sequence[Any]) -> dict[str, str | None] | None:
        line = self._text(cells, "address", 500)
        postal_code = self._postal_code(cells)
        if line is None and postal_code is None:
            return None
        return {"line": line or "", "postal_code": postal_code, **self._texts(cells, **_PLACE)}

    def _postal_code(self, cells: Sequence[Any]) -> str | None:
        """The postal code; None for a text that is none, so that the row is imported without it."""
        text = as_text(self.cell(cells, "postal_code")).strip()
        try:
            return read_postal_code(text.removesuffix(".0")) if text else None
        except CodeError:
            return None

    def _email(self, cells: Sequence[Any]) -> str | None:
        """The e-mail address; None for one that the form of the customer would refuse, such as «ندارد»."""
        text = self._text(cells, "email", 120)
        return text if text and is_email(text) else None

    def _texts(self, cells: Sequence[Any], **lengths: int) -> dict[str, str | None]:
        return {field: self._text(cells, field, length) for field, length in lengths.items()}

    def _text(self, cells: Sequence[Any], field: str, max_length: int) -> str | None:
        """What a reader sees of a cell; a name stands in one line."""
        value = self.cell(cells, field)
        if value is None:
            return None
        text = as_text(value)
        clean = clean_text if field == "note" else clean_line
        try:
            return None if is_blank(text) else clean(text.strip(), max_length=max_length) or None
        except TextError as error:
            raise RefusedRow(RejectReason.TEXT, text) from error


_PLACE = {"province": 60, "city": 60}


def _instant(value: date, *, is_utc: bool) -> datetime:
    """A date cell of a spreadsheet as a moment; a day without a time is one of Tehran."""
    if not FIRST_YEAR <= to_jalali(value).year <= LAST_YEAR:
        raise JalaliError(DateReason.YEAR_RANGE)
    if not isinstance(value, datetime):
        return start_of_day(value)
    return value.replace(tzinfo=UTC if is_utc and value.time() != time() else TEHRAN)


def reader_of(job: ImportJob, mapping: Mapping[str, int], *, arrived_at: datetime) -> RowReader:
    """The reader of the rows of *job* with the columns in *mapping*."""
    place = mapping.get("ordered_at")
    is_utc = place is not None and place < len(job.headings) and is_in_utc(str(job.headings[place]))
    return RowReader(mapping, load_products(), arrived_at, styles_of(job), is_utc)
