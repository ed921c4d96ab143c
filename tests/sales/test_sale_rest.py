"""Sales by REST: added with a nested list of items, and changed."""

import pytest
from sqlalchemy import select

from app.services.account.token import make_token
from models.account import TokenScope
from models.order import Order, OrderStatus
from models.sale import Sale, SaleItem, SaleStatus
from tests.factories import CustomerFactory, OrderFactory, ProductFactory, SaleFactory, member


@pytest.fixture
def course(session, manager):
    return ProductFactory(title="دوره", price=20_000_000)


@pytest.fixture
def body(session, consultant, course):
    row = CustomerFactory()
    session.commit()
    return {
        "customer": row.id,
        "consultant": consultant.id,
        "discount": 1000,
        "items": [{"product": course.id, "quantity": 2}, {"product": course.id, "price": 7}],
    }


@pytest.fixture
def caller(app, session):
    """A function that returns one which calls the API as a member."""

    def of(person):
        _row, secret = make_token(person, name="آزمون", scope=TokenScope.WRITE, days=1)
        session.commit()
        client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}

        def call(method, path="", sent=None, **more):
            return client.open(f"/api/v1/sales/{path}", method=method, json=sent, headers=headers | more)

        return call

    return of


@pytest.fixture
def api(caller, manager):
    return caller(manager)


def test_it_is_added_with_its_items(session, api, body):
    made = api("POST", sent=body)

    assert made.status_code == 201, made.json
    assert (made.json["amount"], made.json["balance"], made.json["status"]) == (
        3_999_007,
        3_999_007,
        "confirmed",
    )
    assert [(each["quantity"], each["price"]) for each in made.json["items"]] == [(2, 2_000_000), (1, 7)]
    [order] = session.scalars(select(Order)).all()
    assert order.status is OrderStatus.WON


def test_sent_twice_with_a_key_it_is_added_once(session, api, body):
    answers = [api("POST", sent=body, **{"Idempotency-Key": "one"}) for _twice in range(2)]

    assert [each.status_code for each in answers] == [201, 201]
    assert len(session.scalars(select(Sale.id)).all()) == 1


def test_a_draft_and_a_new_customer(session, api, body):
    del body["customer"]

    made = api("POST", sent=body | {"status": "draft", "mobile": "09351234567", "last_name": "تازه"})

    assert made.status_code == 201, made.json
    assert (made.json["status"], made.json["customer"]["label"]) == ("draft", "تازه")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"items": []}, "items"),
        ({"items": [{"quantity": 1}]}, "items[0].product"),
        ({"items": [{"product": 999_999}]}, "items[0].product"),
        ({"status": "paid"}, "status"),
        ({"consultant": None}, "consultant"),
        ({"customer": None}, "customer"),
        ({"customer": 999_999}, "customer"),
        ({"amount": 5}, "amount"),
        ({"discount": 99_000_000}, "discount"),
    ],
)
def test_a_wrong_value_is_named(session, api, body, given, name):
    refused = api("POST", sent=body | given)

    assert (refused.status_code in {409, 422}, name in refused.json["errors"]) == (True, True), refused.json
    assert session.scalars(select(Sale.id)).all() == []


def test_the_quantity_of_a_line_is_named(session, api, body, course):
    body["items"].append({"product": course.id, "quantity": 0})

    refused = api("POST", sent=body)

    assert "items[2].quantity" in refused.json["errors"]


def test_an_order_of_another_customer_is_refused(session, api, body):
    key = OrderFactory().id
    session.commit()

    assert "order" in api("POST", sent=body | {"order": key}).json["errors"]


def test_items_are_put_with_the_version(session, api, consultant, course):
    sale = SaleFactory(consultant_id=consultant.id, amount=1_000_000)
    session.commit()
    [key] = [each.id for each in sale.items]
    tag = api("GET", str(sale.id)).headers["ETag"]
    changed = {"items": [{"id": key, "quantity": 3}, {"product": course.id}]}

    put = api("PUT", str(sale.id), changed, **{"If-Match": tag})
    again = api("PUT", str(sale.id), changed, **{"If-Match": tag})

    assert (put.status_code, again.status_code) == (200, 412), put.json
    assert put.json["amount"] == 2_300_000
    assert api("PUT", str(sale.id), {"discount": 5}, **{"If-Match": "*"}).json["amount"] == 2_299_995
    session.expire_all()
    assert len(session.scalars(select(SaleItem)).all()) == 2


def test_the_items_of_an_invoice_are_refused(session, api, consultant):
    sale = SaleFactory(consultant_id=consultant.id, invoice_number=1)
    session.commit()
    [key] = [each.id for each in sale.items]

    refused = api("PUT", str(sale.id), {"items": [{"id": key, "quantity": 3}]}, **{"If-Match": "*"})

    assert (refused.status_code, list(refused.json["errors"])) == (409, ["items"])


def test_a_closed_sale_is_refused(session, api, consultant):
    sale = SaleFactory(consultant_id=consultant.id, status=SaleStatus.CANCELLED)
    session.commit()

    assert api("PUT", str(sale.id), {"discount": 5}, **{"If-Match": "*"}).status_code == 409


@pytest.mark.parametrize("role", ["Consultant", "SupportAgent"])
def test_others_may_not_add_or_change(session, caller, organization, body, role):
    person = member(role, organization, "other")
    sale = SaleFactory(consultant_id=person.id)
    session.commit()
    call = caller(person)

    assert call("POST", sent=body).status_code == 403
    assert call("PUT", str(sale.id), {"discount": 5}, **{"If-Match": "*"}).status_code == 403
    assert call("GET", str(sale.id)).status_code == 200
