"""F-17: a form that adds a row adds one, however often it is sent; what stock FAB's token never promised."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import delete, func, select
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.lib import clock
from app.panel.forms.idempotency import DuplicateSubmission, claim, note_row
from app.panel.section import Section
from app.services.account.session_cleanup import delete_expired
from models.account import SentForm
from models.customer import Address, Customer, CustomerPhone
from models.dossier import Dossier, DossierContact, DossierDocument
from models.member import Member
from models.messages.thread import Thread
from models.order import Order
from models.organization import Organization
from models.product import Product
from models.result_title import ResultTitle
from models.sale import Sale
from models.sms.consent import SmsBlock, SmsOptOut
from models.sms.provider import SmsProvider
from models.sms.quota import SmsQuota
from models.sms.template import SmsTemplate
from models.task import Task
from models.tenancy.scope import Actor, bind
from models.transaction import Transaction
from tests.factories import CustomerFactory, DossierFactory, ProductFactory, SaleFactory, member
from tests.support.pages import untouched
from tests.support.racing import at_once

FORMS = {
    "products": (Product, {"title": "دوره تازه", "code": "N-1", "is_active": "y"}),
    "result-titles": (ResultTitle, {"title": "تازه", "colour": "red", "kind": "open", "scope": "follow_up"}),
    "customers": (Customer, {"last_name": "تازه", "mobile": "09351234567"}),
    "customer-phones": (CustomerPhone, {"number": "02188776655"}),
    "addresses": (Address, {"line": "کوچهٔ ۱۲"}),
    "dossiers": (Dossier, {"legal_name": "شرکت تازه"}),
    "dossier-contacts": (DossierContact, {"name": "تازه"}),
    "dossier-documents": (DossierDocument, {"kind": "contract"}),
    "orders": (Order, {"mobile": "09351234567", "quantity": "7"}),
    "members": (Member, {"first_name": "نو", "last_name": "نو", "username": "new", "email": "n@example.ir"}),
    "tickets": (Thread, {"subject": "تازه", "urgency": "low", "text": "سلام"}),
    "sales": (Sale, {"mobile": "09351234567", "items-0-quantity": "2"}),
    "transactions": (Transaction, {"method": "cash", "amount": "1000"}),
    "sms-templates": (SmsTemplate, {"title": "تازه", "category": "service", "body": "سلام"}),
    "sms-quotas": (SmsQuota, {"pages": "10"}),
    "sms-opt-outs": (SmsOptOut, {"mobile": "09351234567"}),
    "sms-blocks": (SmsBlock, {"mobile": "09351234567", "reason": "شاکی"}),
    "sms-providers": (
        SmsProvider,
        {"name": "تازه", "kind": "kavenegar", "base_url": "http://127.0.0.1:9/v1", "key": "k"},
    ),
    "tasks": (Task, {"title": "تازه"}),
    "organizations": (Organization, {"name": "تازه", "slug": "new", "currency": "toman"}),
}
CHOICES = {"repeat_policy": "hold", "repeat_window_days": "30"}
SAID = "این فرم پیش‌تر فرستاده شده است"


def count(session, model) -> int:
    statement = select(func.count()).select_from(model).execution_options(unscoped=True)
    return session.scalar(statement)


def told(client) -> str:
    """What the next page will say."""
    with client.session_transaction() as cookie:
        return "".join(json.loads(words)["text"] for _kind, words in cookie["_flashes"])


def open_form(client, slug) -> dict[str, str]:
    return untouched(client.get(f"/{slug}/add").text)


def _sale_of(slug) -> dict[str, str]:
    """The sale of a payment, and the line of a sale; no other form needs their rows."""
    if slug == "sales":
        return {"items-0-product": str(ProductFactory().id), "customer": ""}
    return {"sale": str(SaleFactory().id)} if slug == "transactions" else {}


@pytest.fixture
def typed(session, manager):
    """What somebody types into the form of a section."""
    product = ProductFactory().id
    role = next(str(role.id) for role in member("Consultant", manager.organization, "x").roles)
    bind(session, Actor(manager.organization_id, manager.id))
    ids = {"product": str(product), "role": role, "member": str(manager.id), "consultant": str(manager.id)}
    ids |= {"owner": str(manager.id)}
    ids |= {"customer": str(CustomerFactory().id), "dossier": str(DossierFactory().id)}
    return lambda slug: FORMS[slug][1] | CHOICES | ids | _sale_of(slug)


@pytest.fixture
def added(session, manager):
    """Tells how many orders there are beyond those that were there before."""
    before = count(session, Order)
    return lambda: count(session, Order) - before


def test_f17_every_section_that_adds_is_tried_here(app):
    adding = {section.slug for section in Section.registry if "can_add" in section.all_permissions()}

    assert adding - {"follow-ups", "imports", "audit", "campaigns"} <= FORMS.keys()


@pytest.mark.parametrize("slug", FORMS)
def test_f17_the_second_post_of_a_form_leads_to_the_row_of_the_first(session, login, manager, typed, slug):
    client = login(member("Admin", None, "root") if slug in {"organizations", "sms-providers"} else manager)
    data, model = open_form(client, slug) | typed(slug), FORMS[slug][0]
    before = count(session, model)

    answers = [client.post(f"/{slug}/add", data=data) for _ in range(3)]

    added = session.scalars(select(func.max(model.id)).execution_options(unscoped=True)).one()
    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert count(session, model) == before + 1
    assert {answer.location for answer in answers[1:]} == {f"/{slug}/show/{added}"}
    assert SAID in told(client)


def test_f17_what_was_refused_is_not_used_up(session, login, manager, typed, added):
    client = login(manager)
    data = open_form(client, "orders") | typed("orders") | {"mobile": ""}
    refused = client.post("/orders/add", data=data)

    again = client.post("/orders/add", data=data | typed("orders"))

    assert (refused.status_code, again.status_code) == (422, 302)
    assert untouched(refused.text) == untouched(refused.text) | {"_nonce": data["_nonce"]}
    assert added() == 1


def test_f17_something_else_in_the_same_form_is_asked_about_and_not_lost(
    session, login, manager, typed, added
):
    client = login(manager)
    data = open_form(client, "orders") | typed("orders")
    client.post("/orders/add", data=data)

    asked = client.post("/orders/add", data=data | {"note": "دوم"})
    meant = client.post("/orders/add", data=untouched(asked.text) | typed("orders") | {"note": "دوم"})

    assert asked.status_code == 409
    assert "پیش‌تر" in asked.text
    assert ">دوم<" in asked.text
    assert meant.status_code == 302
    assert added() == 2


def test_f17_nobody_uses_up_the_form_of_another(session, login, manager, typed, added, organization):
    data = open_form(login(manager), "orders") | typed("orders")
    login(member("Manager", organization, "other")).post("/orders/add", data=data)

    answer = login(manager).post("/orders/add", data=data)

    assert answer.status_code == 302
    assert added() == 2


@pytest.mark.parametrize("nonce", [{}, {"_nonce": ""}, {"_nonce": "x" * 65}])
def test_f17_a_post_that_comes_from_no_form_adds_what_it_says(session, login, manager, typed, added, nonce):
    client = login(manager)

    for _ in range(2):
        client.post("/orders/add", data=typed("orders") | nonce)

    assert added() == 2


def test_f17_a_row_that_is_gone_is_not_led_to(session, login, manager, typed, added):
    client = login(manager)
    data = open_form(client, "orders") | typed("orders")
    client.post("/orders/add", data=data)
    client.post(f"/orders/delete/{session.scalars(select(Order.id)).one()}")

    answer = client.post("/orders/add", data=data)

    assert answer.location == "/orders/"
    assert added() == 1


def test_f17_marks_are_swept_after_a_day(session, login, manager, typed):
    client = login(manager)
    client.post("/orders/add", data=open_form(client, "orders") | typed("orders"))
    kept = delete_expired(), count(session, SentForm)
    clock.start_at(clock.now() + timedelta(hours=25))

    delete_expired()

    assert kept == (0, 1)
    assert count(session, SentForm) == 0


def test_f17_of_two_claims_at_once_one_is_served_on_either_database(app):
    """Real connections: what is claimed here is committed, and wiped afterwards."""

    def post(row: int) -> int:
        with app.app_context():
            bind(db.session(), Actor(None, 1))
            try:
                note_row(claim("Race", MultiDict({"_nonce": "race"})), row)
                db.session.commit()
            except DuplicateSubmission as before:
                return before.row_id
            return row

    try:
        winners = at_once(*(partial(post, row) for row in range(1, 9)))
    finally:
        with db.engine.begin() as connection:
            connection.execute(delete(SentForm))

    assert len(set(winners)) == 1
