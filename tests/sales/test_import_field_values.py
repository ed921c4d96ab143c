"""F03–F06, F12–F15, F20, F21: what the files that people sent become, through the page and the command."""

from datetime import UTC

import pytest
from sqlalchemy import select

from app.extensions import db
from app.tasks.imports import run_import_job
from models.customer import Address, Customer
from models.job import ImportJob
from models.order import Order
from models.product import Product
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import member, organization_with
from tests.sales.import_steps import CASE_PRODUCTS, CASES, through_command, up_to_preview

AT_1430 = "2026-11-11 11:00"
# File → the figures (rows, accepted), and of each order: mobile, name, code of the product, and what else is named.
RIGHT = {
    "F03-colon.csv": (1, [("3401", "نگار صالحی", "P-101", {"city": "یزد", "at": "2026-11-10 20:30"})]),
    "F03-lead-ads-headings.csv": (
        2,
        [
            ("1122", "نگار صالحی", "P-101", {"at": "2026-11-20 04:45", "email": "n1@example.ir"}),
            ("1123", "پویا رادمنش", "P-101", {"at": "2026-11-20 06:10", "city": "یزد"}),
        ],
    ),
    "F03-shop-underscores.csv": (
        2,
        [
            (
                "1122",
                "نگار صالحی",
                "P-101",
                {"reference": "7001", "quantity": 2, "at": "2026-11-11 10:35", "code": "7134567890"},
            ),
            ("1123", "پویا رادمنش", "P-104", {"reference": "7002", "quantity": 1, "line": "بلوار طالقانی"}),
        ],
    ),
    "F03-snake.csv": (
        1,
        [("3351", "نگار صالحی", "P-101", {"reference": "9001", "code": "7134567890", "quantity": 3})],
    ),
    "F04-lead-ads-utf16.csv": (
        2,
        [("1122", "نگار صالحی", "P-101", {}), ("1123", "پویا رادمنش", "P-101", {})],
    ),
    "F04-phones.csv": (4, [(f"510{number}", name, "P-101", {}) for number, name in enumerate("abcd", 1)]),
    "F05-cover-sheet.xlsx": (1, [("1101", "", "P-101", {})]),
    "F05-first-sheet-empty.xlsx": (1, [("1101", "", "P-101", {})]),
    "F05-group-headings.xlsx": (
        2,
        [
            ("1101", "نگار", "P-101", {"city": "شیراز", "quantity": 1}),
            ("1102", "سارا", "P-101", {"city": "یزد", "quantity": 2}),
        ],
    ),
    "F06-one-cell-far-below.xlsx": (2, [("3531", "", "P-101", {})]),
    "F06-other-sheet-long.xlsx": (2, [("1101", "نگار", "P-101", {}), ("1102", "سارا", "P-101", {})]),
    "F12-email-none.csv": (
        3,
        [
            ("1101", "نگار صالحی", "P-101", {"email": None}),
            ("1102", "سارا یزدی", "P-101", {"email": None}),
            ("1103", "امید راد", "P-101", {"email": None}),
        ],
    ),
    "F14-quantity.csv": (3, [(f"530{n}", "", "P-101", {"quantity": min(n, 2)}) for n in (1, 2, 3)]),
    "F15-jalali.csv": (4, [(f"520{number}", f"x{number}", "P-101", {"at": AT_1430}) for number in range(4)]),
    "F15-gregorian-text.csv": (
        2,
        [
            ("1122", "نگار صالحی", "P-101", {"at": "2026-11-11 10:35", "quantity": 2}),
            ("1123", "پویا رادمنش", "P-104", {"at": "2026-11-12 06:30", "reference": "7002"}),
        ],
    ),
    "F20-utf16be-no-mark.csv": (1, [("1101", "", "P-101", {})]),
    "F21-backslash-names.xlsx": (2, [("1101", "نگار", "P-101", {}), ("1102", "سارا", "P-101", {})]),
}


@pytest.fixture
def manager(session):
    person = member("Manager", organization_with("cases", **CASE_PRODUCTS), "cases-manager")
    session.commit()
    return person


@pytest.fixture
def sent(monkeypatch):
    """What would be sent to the worker, as (job, organisation)."""
    jobs: list[tuple[int, int]] = []
    monkeypatch.setattr(run_import_job, "delay", lambda *ids: jobs.append(ids))
    return jobs


def stored(organization_id: int, wanted) -> list[tuple]:
    """The orders of the organisation, with the values that *wanted* names."""
    with acting_as(db.session(), Actor(organization_id)) as session:
        statement = (
            select(Order, Customer, Product.code, Address)
            .join(Customer, Customer.id == Order.customer_id)
            .join(Product, Product.id == Order.product_id)
            .outerjoin(Address, Address.customer_id == Customer.id)
            .order_by(Order.id)
        )
        return [
            (
                customer.mobile.removeprefix("+98935000"),
                " ".join(filter(None, [customer.first_name, customer.last_name])),
                code,
                {name: _value(name, order, customer, address) for name in names},
            )
            for (order, customer, code, address), (*_key, names) in zip(
                session.execute(statement), wanted, strict=True
            )
        ]


def _value(name, order, customer, address):
    if name == "at":
        return order.ordered_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    if name == "code":
        return address.postal_code
    return getattr({"line": address, "email": customer, "city": customer}.get(name, order), name)


@pytest.mark.parametrize("name", RIGHT)
def test_field_cases_through_the_command(app, manager, name):
    organization_id = manager.organization_id

    figures = through_command(app, CASES / name)

    rows, orders = RIGHT[name]
    assert (figures["rows"], figures["accepted"]) == (rows, len(orders))
    assert stored(organization_id, orders) == orders


@pytest.mark.parametrize("name", RIGHT)
def test_field_cases_through_the_page(session, login, manager, sent, name):
    organization_id = manager.organization_id
    client = login(manager)
    preview = up_to_preview(client, CASES / name)
    assert 'data-fate="new"' in client.get(preview).text
    client.post(preview.replace("preview", "run"))
    run_import_job(*sent[0])

    bind(session, Actor(organization_id))
    job = session.scalars(select(ImportJob)).one()
    rows, orders = RIGHT[name]
    assert (job.total_rows, job.accepted) == (rows, len(orders))
    assert stored(organization_id, orders) == orders


def test_f13_known_customers_without_an_address_get_the_one_that_comes(app, manager):
    organization_id = manager.organization_id
    through_command(app, CASES / "F13-without-address.csv")
    with acting_as(db.session(), Actor(organization_id)) as session:
        known = session.scalars(select(Customer).order_by(Customer.mobile)).first()
        session.add(Address(customer_id=known.id, line="خیابان قدیم", is_default=True))
        session.commit()

    through_command(app, CASES / "F13-with-address.csv")

    with acting_as(db.session(), Actor(organization_id)) as session:
        statement = select(Customer.mobile, Address.line, Address.postal_code, Address.is_default)
        found = session.execute(statement.join(Address.customer).order_by(Customer.mobile)).all()
    assert found == [
        ("+989350002201", "خیابان قدیم", None, True),
        ("+989350002202", "بلوار طالقانی", "8914567890", True),
        ("+989350002203", "میدان آزادی", "1234567891", True),
    ]


def test_f07_the_two_weeks_of_an_export_are_two_orders(app, manager):
    figures = [through_command(app, CASES / f"F07-export-week{week}.csv") for week in (1, 2)]

    assert [each["first_orders"] for each in figures] == [1, 1]
