"""The customers that belong to a dossier: connected and disconnected on its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.lib.mobile import display_mobile
from app.panel.access import lock_membership, permitted, permitted_section, requires, row_key, wants_fragment
from app.panel.action import Done
from app.panel.forms.builder import Filled, PanelForm
from app.panel.forms.fields import RelationField
from app.panel.responses import success
from app.panel.section import Section
from app.panel.view_models import Button, MenuItem, SideItem, SideSheet, Step
from models.audit.recorder import record_event, separate_event
from models.customer import Customer

# More customers than this are in the list of customers, which the link below them opens.
MOST_SHOWN = 20


def _find(pk: int) -> Customer | None:
    """A customer in the scope of the member."""
    return db.session.scalar(select(Customer).where(Customer.id == pk))


def refuse_second_dossier(customer: Customer) -> None:
    """Raise `DomainError` for a customer who belongs to a dossier that is not deleted."""
    if customer.dossier is not None and customer.dossier.deleted_at is None:
        words = _l("This customer belongs to another dossier; disconnect them there first.")
        raise DomainError(words, field="customer")


class ConnectForm(PanelForm):
    customer = RelationField(
        _l("Customer"),
        [Filled(_l("Please choose one."))],
        find=_find,
        # Any section with a relation to customers looks them up, in the scope of the member.
        lookup_url="/addresses/lookup/customer",
    )


class CustomersOfDossier(Section):
    """/<pk>/connect and /<pk>/disconnect/<customer>; both need the right to edit customers."""

    def side_sheets(self, row: Any) -> Sequence[SideSheet]:
        section = permitted_section("customers", "can_list")
        if section is None:
            return ()
        statement = section.statement().where(Customer.dossier_id == row.id).order_by(Customer.id)
        customers = db.session.scalars(statement.limit(MOST_SHOWN + 1)).all()
        may_change = self._may_connect()
        connect = Button(_("Connect"), "plus", f"{self.base_url}{row.id}/connect", "dialog")
        return [
            SideSheet(
                "customers",
                _("Customers of this dossier"),
                items=[self._item(row, each, may_change=may_change) for each in customers[:MOST_SHOWN]],
                button=connect if may_change else None,
                empty=_("No customer belongs to it yet."),
                has_more=len(customers) > MOST_SHOWN,
            )
        ]

    def _item(self, row: Any, customer: Customer, *, may_change: bool) -> SideItem:
        url = f"{self.base_url}{row.id}/disconnect/{customer.id}"
        return SideItem(
            str(customer),
            f"/customers/show/{customer.id}",
            hint=display_mobile(customer.mobile) if customer.name else "",
            act=MenuItem(_("Disconnect %(name)s", name=str(customer)), "x", url, "post")
            if may_change
            else None,
        )

    def _may_connect(self) -> bool:
        return permitted(self, "can_edit") and permitted_section("customers", "can_edit") is not None

    @expose("/<pk>/connect", methods=["GET", "POST"])
    @requires("edit")
    def connect(self, pk: str) -> Any:
        if not self._may_connect():
            abort(403)
        row, form = self.get_row(row_key(pk)), ConnectForm()
        status = 200
        if request.method == "POST":
            if form.validate():
                try:
                    chosen: Any = form.customer.data
                    return self._connect(row, chosen.id)
                except DomainError as error:
                    db.session.rollback()
                    form.refuse(error)
            row, status = self.get_row(row_key(pk)), 422
        step = Step(
            title=_("Connect a customer"),
            sentence=_("The customer will belong to «%(dossier)s».", dossier=str(row)),
            action_url=request.path,
            hidden=[],
            submit_label=_("Connect"),
            form=form,
            fields=["customer"],
        )
        template = "panel/forms/step.html" if wants_fragment() else "panel/forms/step_page.html"
        return self.render_template(template, step=step, section=self), status

    def _connect(self, row: Any, key: int) -> Any:
        lock_membership()
        customer = self.locked_customer(key)
        if customer.dossier_id == row.id:
            raise DomainError(_l("This customer belongs to it already."), field="customer")
        refuse_second_dossier(customer)
        customer.dossier_id = row.id
        return self._finish(row, customer, _("%(name)s belongs to this dossier now.", name=str(customer)))

    @expose("/<pk>/disconnect/<customer>", methods=["POST"])
    @requires("edit")
    def disconnect(self, pk: str, customer: str) -> Any:
        if not self._may_connect():
            abort(403)
        lock_membership()
        row, person = self.get_row(row_key(pk)), self.locked_customer(row_key(customer))
        if person.dossier_id != row.id:
            abort(404)
        person.dossier_id = None
        words = _("%(name)s does not belong to this dossier any more.", name=str(person))
        return self._finish(row, person, words, undo_url=f"{self.base_url}{row.id}/reconnect/{person.id}")

    @expose("/<pk>/reconnect/<customer>", methods=["POST"])
    @requires("edit")
    def reconnect(self, pk: str, customer: str) -> Any:
        """The undo of a disconnection."""
        if not self._may_connect():
            abort(403)
        row = self.get_row(row_key(pk))
        try:
            return self._connect(row, row_key(customer))
        except DomainError:
            abort(409)

    def locked_customer(self, key: int) -> Customer:
        section = permitted_section("customers", "can_edit") or abort(403)
        statement = section.statement().where(Customer.id == key)
        found: Customer | None = db.session.scalar(
            statement.with_for_update(of=Customer).execution_options(populate_existing=True)
        )
        return found or abort(404)

    def _finish(self, row: Any, customer: Customer, words: str, undo_url: str | None = None) -> Any:
        """The events of both, and the answer."""
        record_event(db.session(), "edit", row, after={"customer": str(customer)})
        separate_event(db.session(), customer)
        db.session.commit()
        return success(Done(words, undo_url), f"{self.base_url}show/{row.id}")
