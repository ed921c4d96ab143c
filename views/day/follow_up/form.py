"""The form for the result of a contact, and fields of the edit form."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from wtforms import HiddenField, RadioField
from wtforms.validators import Length

from app.extensions import db
from app.lib.digits import parse_int
from app.panel.actor import currency
from app.panel.forms.builder import MayBeEmpty, PanelForm
from app.panel.forms.fields import (
    FilesField,
    JalaliDateTimeField,
    MoneyField,
    NoteField,
    NumberField,
    RelationField,
    SwitchField,
    TextField,
)
from models.product import Product
from models.result_title import ResultTitle

SALE_FIELDS = ("product", "quantity", "amount", "discount")
ADDRESS_FIELDS = ("province", "city", "line", "postal_code", "receiver")


def _find_product(pk: int) -> Product | None:
    return db.session.scalar(select(Product).where(Product.id == pk, Product.is_active.is_(True)))


def _key(raw: Any) -> int:
    return parse_int(str(raw)) or 0


class ResultForm(PanelForm):
    """The result of a contact; the fields of the sale are used only when the chosen title means «won»."""

    token = HiddenField()
    result_title = RadioField(
        _("Result title"), coerce=_key, validate_choice=False, validators=[MayBeEmpty()]
    )
    note = NoteField(_("Note"), [MayBeEmpty()])
    files = FilesField(_("Files"))
    next_at = JalaliDateTimeField(_("Next contact"), [MayBeEmpty()])
    send_sms = SwitchField(_("Send the SMS"))

    product = RelationField(
        _("Product"), [MayBeEmpty()], find=_find_product, lookup_url="/follow-ups/lookup/product"
    )
    quantity = NumberField(_("Quantity"), [MayBeEmpty()], least=1, most=100_000, default=1)
    amount = MoneyField(_("Amount"), [MayBeEmpty()], currency=currency)
    discount = MoneyField(_("Discount"), [MayBeEmpty()], currency=currency)
    province = TextField(_("Province"), [MayBeEmpty(), Length(max=60)])
    city = TextField(_("City"), [MayBeEmpty(), Length(max=60)])
    line = TextField(_("Address"), [MayBeEmpty(), Length(max=500)])
    postal_code = TextField(_("Postal code"), [MayBeEmpty(), Length(max=10)])
    receiver = TextField(_("Receiver"), [MayBeEmpty(), Length(max=120)])

    def chosen(self) -> ResultTitle | None:
        """The chosen result title, None when there is none."""
        return db.session.get(ResultTitle, self.result_title.data) if self.result_title.data else None

    def address(self) -> dict[str, Any]:
        return {name: self[name].data for name in ADDRESS_FIELDS if self[name].data}
