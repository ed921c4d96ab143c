"""Dossiers of companies, and the customers that belong to each of them."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, select, true

from app.extensions import db
from app.lib.jalali import day_and_month
from app.panel.access import Access, permitted, permitted_section, requires, row_key
from app.panel.forms.builder import PanelForm
from app.panel.notifications import Notify
from app.panel.queries.moments import day
from app.panel.words import Card, Tab
from app.services.dossier import LEADS, reminded_members
from models.audit.recorder import separate_event
from models.customer import Customer
from models.dossier import Dossier, DossierDocument
from views import groups
from views.sales.dossier.customers import CustomersOfDossier, refuse_second_dossier
from views.sales.dossier.website import WebLink

_CUSTOMER = "customer"


def _expiring() -> ColumnElement[bool]:
    """Whether a document of the dossier expires within the longest lead of a reminder."""
    soon = DossierDocument.expires_on.between(day(), day(max(LEADS)))
    return Dossier.id.in_(
        select(DossierDocument.dossier_id).where(soon, DossierDocument.deleted_at.is_(None))
    )


def _document_words(document: DossierDocument) -> str:
    until = day_and_month(document.expires_on) if document.expires_on else ""
    return _("%(kind)s until %(day)s, %(name)s", kind=document.kind, day=until, name=document.dossier)


class Dossiers(CustomersOfDossier):
    model = Dossier
    slug = "dossiers"
    rest = True
    title, title_one = _l("Organisation dossiers"), _l("organisation dossier")
    group, icon, menu_order = groups.SALES, "building", 260
    menu_right = "delete"

    columns = ("legal_name", "national_id", "industry", "phone", "created_at")
    labels = {"created_at": _l("Registered on")}
    card = Card(("industry", "created_at"), call="phone")
    headline = ("national_id", "industry", "phone")
    details = (
        "national_id",
        "economic_code",
        "registration_number",
        "industry",
        "phone",
        WebLink("website"),
        "note",
    )
    related = ("customers.dossier",)
    tabs = (
        Tab("all", _l("All"), true),
        Tab(
            "expiring",
            _l("Documents that expire"),
            _expiring,
            empty=_l("No document expires within the next 30 days."),
            empty_hint=_l("The date of expiry stands on the document, in its dossier."),
        ),
    )
    notify = (
        Notify(
            on="reminded_at_days",
            to=reminded_members,
            model=DossierDocument,
            text=_l("Expires soon: %(name)s"),
            many=_l("%(num)s documents of dossiers expire soon"),
            name=_document_words,
            opens=lambda document: f"/dossiers/show/{document.dossier_id}",
            list_query="?tab=expiring",
            icon="calendar-due",
        ),
    )
    search = ("self",)
    search_hint = _l("Legal name or national ID …")
    in_palette = True
    filters = ("industry", "created_at")
    sortable = ("created_at",)
    form = (
        "legal_name",
        "national_id",
        "economic_code",
        "registration_number",
        "industry",
        "phone",
        "website",
        "note",
    )
    attachments = True
    empty = _l("No organisation dossier yet")
    empty_hint = _l("A dossier has the facts of a company that buys.")

    roles = {"Manager": Access.FULL | Access.TRAIL | Access.EXPORT, "Consultant": Access.WRITE}

    def rows_to_open(self, model: Any) -> Select[Any] | None:
        """The documents of the dossiers that the member may open, besides the dossiers."""
        if model is not DossierDocument:
            return super().rows_to_open(model)
        if not permitted(self, "can_show"):
            return None
        dossiers = self.statement().with_only_columns(Dossier.id)
        return select(DossierDocument).where(DossierDocument.dossier_id.in_(dossiers))

    @expose("/for/<pk>")
    @requires("show")
    def open_for(self, pk: str) -> Any:
        """The dossier of a customer; the form of a new one where there is none."""
        customers = permitted_section("customers", "can_show") or abort(403)
        customer = customers.get_row(row_key(pk))
        if customer.dossier_id is not None and self._live(customer.dossier_id):
            return redirect(f"{self.base_url}show/{customer.dossier_id}")
        return redirect(f"{self.base_url}add?{_CUSTOMER}={customer.id}")

    def _live(self, key: int) -> bool:
        return db.session.scalar(self.statement().where(Dossier.id == key)) is not None

    def preset(self, form: PanelForm) -> None:
        """The name of the customer in the address."""
        customer = self._customer_in_address()
        if customer is not None:
            form["legal_name"].data = customer.name or None

    def store(self, item: Dossier, form: PanelForm, *, existing: bool) -> Dossier:
        """Connect the customer from whose page the form was opened."""
        customer = None if existing else self._customer_in_address()
        saved: Dossier = super().store(item, form, existing=existing)
        if customer is not None:
            locked = self.locked_customer(customer.id)
            refuse_second_dossier(locked)
            locked.dossier = saved
            separate_event(db.session(), locked)
        return saved

    def after_save_url(self, item: Any) -> str:
        return f"{self.base_url}show/{item.id}"

    def _customer_in_address(self) -> Customer | None:
        """The customer that the address names, if the member may edit them."""
        key = request.args.get(_CUSTOMER, "")
        section = permitted_section("customers", "can_edit")
        if section is None or not (key.isascii() and key.isdigit() and len(key) <= 18):
            return None
        found: Customer | None = db.session.scalar(section.statement().where(Customer.id == int(key)))
        return found
