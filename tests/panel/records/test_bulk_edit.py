"""Many rows get the same values; what was left empty stays as it was in each of them."""

import pytest
from sqlalchemy import select

from models.audit.event import AuditEvent
from models.product import Product
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, ProductFactory, member
from tests.panel.records.bulk_steps import send, work

pytestmark = pytest.mark.usefixtures("colleagues_rows")


@pytest.fixture
def products(session, manager):
    rows = [ProductFactory(title=f"زبان {number}", price=number, is_active=True) for number in (1, 2, 3)]
    session.commit()
    return rows


def change(browser, rows, section="products", **values):
    ticked = {"action": "change", "_step": "run", "rowid": [str(row.id) for row in rows]}
    return browser.post(f"/{section}/action_post", data=ticked | values)


def read(session, organization):
    bind(session, Actor(organization.id))
    session.expire_all()
    return [(row.price, row.is_active) for row in session.scalars(select(Product).order_by(Product.id))][-3:]


def test_only_what_was_given_is_written(session, login, manager, organization, products):
    answer = change(login(manager), products[:2], price="", is_active="0")

    assert answer.status_code == 302
    assert read(session, organization) == [(1, False), (2, False), (3, True)]


def test_the_trail_tells_of_an_edit(session, login, manager, organization, products):
    change(login(manager), products[:2], price="۵۰۰")

    bind(session, Actor(organization.id))
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert event.action == "edit"


def test_nothing_given_is_refused(session, login, manager, organization, products):
    answer = change(login(manager), products, price="", is_active="")

    assert answer.status_code == 422
    assert "دست‌کم یک مقدار" in answer.text


def test_what_cannot_be_read_is_told_at_its_field(session, login, manager, organization, products):
    answer = change(login(manager), products, price="گران", is_active="0")

    assert answer.status_code == 422
    assert 'id="price-error"' in answer.text
    assert read(session, organization) == [(1, True), (2, True), (3, True)]


def test_an_answer_that_is_none_changes_nothing(session, login, manager, organization, products):
    assert change(login(manager), products, price="5", is_active="perhaps").status_code == 302

    assert [active for _price, active in read(session, organization)] == [True, True, True]


def test_all_that_match_are_changed_by_a_job(session, login, manager, organization, products, monkeypatch):
    monkeypatch.setattr("app.panel.bulk.routes.MOST_AT_ONCE", 2)
    monkeypatch.setattr("app.panel.bulk.job.CHUNK", 2)
    send(login(manager), action="change", is_active="0")

    assert work(session, organization).done == 3
    assert [active for _price, active in read(session, organization)] == [False, False, False]


def test_who_may_not_edit_is_refused_and_not_offered_it(login, manager, consultant, products):
    browser = login(consultant)

    assert change(browser, products, price="5").status_code == 403
    assert 'value="change"' not in browser.get("/products/").text
    assert 'value="change"' in login(manager).get("/products/").text


def test_one_foreign_row_refuses_all(session, login, manager, stranger_organization, organization):
    stranger = member("Manager", stranger_organization)
    own = CustomerFactory(city="یزد")
    session.commit()

    assert change(login(stranger), [own], section="customers", city="قم").status_code == 404
    bind(session, Actor(organization.id))
    assert session.get(type(own), own.id, populate_existing=True).city == "یزد"


def test_a_section_without_such_columns_has_no_such_act(login, manager):
    assert change(login(manager), [], section="orders").status_code == 404
