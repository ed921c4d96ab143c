"""The form for the result of a follow-up, with the fields of a sale."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.panel.actor import currency
from app.panel.forms.builder import Length, MayBeEmpty
from app.panel.forms.fields import MoneyField, TextField
from app.panel.forms.lines.field import lines_field
from app.services.sale.confirm import SaleDetails, Sold
from models.result_title import ResultKind
from models.sale import SaleItem
from views.results.form import ResultForm
from views.sold import SOLD

ADDRESS_FIELDS = ("province", "city", "line", "postal_code", "receiver")


class FollowUpForm(ResultForm):
    """The result of a contact; the fields of the sale are used only when the chosen title means «won»."""

    items = lines_field(SOLD, SaleItem, lookup_url="/follow-ups/lookup/%s")
    discount = MoneyField(_("Discount"), [MayBeEmpty()], currency=currency)
    province = TextField(_("Province"), [MayBeEmpty(), Length(max=60)])
    city = TextField(_("City"), [MayBeEmpty(), Length(max=60)])
    line = TextField(_("Address"), [MayBeEmpty(), Length(max=500)])
    postal_code = TextField(_("Postal code"), [MayBeEmpty(), Length(max=10)])
    receiver = TextField(_("Receiver"), [MayBeEmpty(), Length(max=120)])

    def validate(self, extra_validators: Any = None) -> bool:
        # What another title leaves in the fields of the sale is not read.
        title = self.chosen()
        self.items.is_used = title is not None and title.kind is ResultKind.WON
        return bool(super().validate(extra_validators))

    def address(self) -> dict[str, Any]:
        return {name: self[name].data for name in ADDRESS_FIELDS if self[name].data}

    def sale(self) -> SaleDetails:
        """What was sold, as it was typed."""
        lines = [{field.short_name: field.data for field in line.form} for line in self.items.filled]
        return SaleDetails(
            [Sold(**each) for each in lines], discount=self.discount.data or 0, address=self.address()
        )
