"""The page for the delivery address of a sale."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import DomainError
from app.extensions import db
from app.panel.access import lock_membership, requires, row_key
from app.panel.action import Done
from app.panel.forms.builder import Filled, Length, MayBeEmpty, PanelForm
from app.panel.forms.fields import TextField
from app.panel.responses import success
from app.panel.section import Section
from app.panel.view_models import FormPage
from app.services.sale.change import deliver_to
from app.services.sale.moves import lock_sale
from models.audit.recorder import name_event
from models.sale import Sale
from views.sales.sale.page import address_of


class AddressForm(PanelForm):
    receiver = TextField(_l("Receiver"), [MayBeEmpty(), Length(max=120)])
    province = TextField(_l("Province"), [MayBeEmpty(), Length(max=60)])
    city = TextField(_l("City"), [MayBeEmpty(), Length(max=60)])
    line = TextField(_l("Address"), [Filled(_l("Write the address.")), Length(max=500)])
    postal_code = TextField(_l("Postal code"), [MayBeEmpty(), Length(max=20)])


_NAMES = ("receiver", "province", "city", "line", "postal_code")


class SaleAddress(Section):
    """/<pk>/address."""

    @expose("/<pk>/address", methods=["GET", "POST"])
    @requires("edit")
    def address(self, pk: str) -> Any:
        lock_membership()
        sale = self.get_row(row_key(pk))
        form = AddressForm(obj=address_of(sale))
        back_url = f"{self.base_url}show/{sale.id}"
        if request.method == "POST" and form.validate() and self._deliver(sale, form):
            return success(Done(_("The delivery address is saved.")), back_url)
        page = FormPage(_("Delivery address"), back_url, form, _NAMES, _("Save"), form.error_count)
        html = self.render_template(self.form_template, page=page, section=self)
        return (html, 422) if request.method == "POST" else html

    def _deliver(self, sale: Sale, form: AddressForm) -> bool:
        """Whether the address is saved; a refusal stands on the form."""
        try:
            deliver_to(lock_sale(sale.id), {name: form[name].data for name in _NAMES})
            name_event(db.session(), "edit", Sale, [sale.id])
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            return False
        return True
