"""Erasing the personal data of a customer, and the way to their export: the action, its consequences, and what the list leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from app.errors import DomainError
from app.extensions import db
from app.lib.mobile import local_mobile
from app.lib.persian import latin_digits
from app.panel.access import permitted, permitted_section
from app.panel.action import Done, Question, action, counted
from app.panel.forms.builder import Filled, PanelForm
from app.panel.forms.fields import TextField
from app.panel.section import Section
from app.panel.view_models import ROW_KEY, MenuItem
from app.services.erasure.erase import erase_customer
from app.services.erasure.files import delete_after_commit
from models.customer import Customer

_LAST = 4


class EraseForm(PanelForm):
    """The second question: the user writes a part of the number."""

    digits = TextField(
        _l("The last four digits of the mobile"),
        [Filled(_l("Please fill in this field."))],
        description=_l("So that no other person is erased by mistake."),
    )


def _ask(_section: Any, statement: Select[Any], _count: int) -> Question:
    row = db.session.scalars(statement.limit(1)).one()
    return Question(
        _("Erase the personal data of %(name)s?", name=row),
        [
            _("This can't be undone."),
            _(
                "Name, numbers, addresses, notes, files and the texts of messages are erased, in the trail too."
            ),
            _("Orders, sales, payments, their amounts and dates stay, without a person."),
            _("All export files that can still be downloaded are deleted."),
            _(
                "If they wanted no SMS, a digest of the number stays in the list of opt-outs, so that they get none."
            ),
        ],
        _("Erase for good"),
    )


class Erasing(Section):
    """POST of /action/erase/<pk>. Erased customers are in no list; sales still name them."""

    @action(
        _l("Erase personal data"),
        icon="user-off",
        confirm=counted("%(num)s %(what)s is erased.", "%(num)s %(what)s are erased."),
        submit=counted("Erase for good", "Erase for good"),
        form=EraseForm,
        ask=_ask,
        danger=True,
        asks_password=True,
        bulk=False,
    )
    def erase(self, rows: Sequence[Customer], form: EraseForm) -> Done:
        [customer] = rows
        if latin_digits(form.digits.data).strip() != local_mobile(customer.mobile)[-_LAST:]:
            raise DomainError(_l("These are not the last four digits of the mobile."), field="digits")
        delete_after_commit(erase_customer(customer).files)
        return Done(_("The personal data are erased."))

    def own_items(self, row: Any) -> Sequence[MenuItem]:
        """The entries with that of the export, for members who may erase."""
        items = super().own_items(row)
        data = permitted_section("customer-data", "can_list") if permitted(self, "can_erase") else None
        if data is None:
            return items
        url = f"{data.base_url}?customer={ROW_KEY}"
        return [*items, MenuItem(_("Export the customer's data"), "download", url)]

    def statement(self) -> Select[Any]:
        return super().statement().where(Customer.erased_at.is_(None))
