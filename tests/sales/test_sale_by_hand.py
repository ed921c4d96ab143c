"""A sale that a manager adds without a follow-up: its customer, its order, its rows, and who may not."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from models.assignment import Assignment
from models.audit.event import AuditEvent
from models.customer import Customer
from models.follow_up import FollowUp
from models.order import Order, OrderStatus
from models.result_title import ResultKind
from models.sale import Sale, SaleItem, SaleStatus
from models.tenancy.scope import Actor, bind
from tests.factories import (
    FollowUpFactory,
    OrderFactory,
    ProductFactory,
    ResultTitleFactory,
    member,
)
from tests.sales.by_hand import items, lines, sales
from tests.sales.sale_steps import HTMX
from tests.support.pages import untouched


def test_it_has_its_items_its_sums_and_an_order_of_its_own(
    session, add_sale, manager, consultant, buyer, course, book
):
    answer = add_sale((course, 2, ""), (book, 1, "100000"), discount="50000")

    [sale] = sales(session)
    assert (answer.status_code, answer.location) == (302, f"/sales/show/{sale.id}")
    assert items(session, sale) == [("دوره", 2, 20_000_000, 40_000_000), ("کتاب", 1, 1_000_000, 1_000_000)]
    assert (sale.amount, sale.discount, sale.balance, sale.paid) == (40_500_000, 500_000, 40_500_000, 0)
    assert (sale.status, sale.consultant_id, sale.customer_id) == (
        SaleStatus.CONFIRMED,
        consultant.id,
        buyer.id,
    )
    order = sale.order
    assert (order.status, order.is_repeat, order.product_id) == (OrderStatus.WON, False, course.id)
    assert (order.customer_id, order.ordered_at, order.created_by_id) == (buyer.id, sale.sold_at, manager.id)
    # It counts as a sale, not as a number.
    assert session.scalars(select(Assignment.id)).all() == []
    assert session.scalars(select(FollowUp.id)).all() == []


def test_a_new_customer_comes_with_a_number(session, add_sale):
    add_sale(customer="", mobile="۰۹۳۵ ۱۲۳ ۴۵۶۷", first_name="نسرین", last_name="کاظمی")

    [sale] = sales(session)
    assert (sale.customer.mobile, str(sale.customer)) == ("+989351234567", "نسرین کاظمی")
    events = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "Customer")).all()
    named = session.scalars(select(AuditEvent).where(AuditEvent.action == "add")).all()
    assert events or any("Customer" in str(each.after) for each in named)


def test_the_number_of_a_known_customer_finds_them(session, add_sale, buyer):
    add_sale(customer="", mobile=buyer.mobile, first_name="دیگری", last_name="دیگری")

    [sale] = sales(session)
    assert sale.customer_id == buyer.id
    assert sale.customer.first_name == "مریم"


def test_sent_twice_it_adds_one(session, client, consultant, buyer, course):
    form = untouched(client.get("/sales/add").text)
    data = form | lines((course, 1, ""), customer=buyer.id, consultant=consultant.id)

    answers = [client.post("/sales/add", data=data) for _twice in range(2)]

    [sale] = sales(session)
    assert [each.location for each in answers] == [f"/sales/show/{sale.id}"] * 2
    assert session.scalar(select(func.count(Order.id))) == 1


def test_a_won_result_stores_the_same_rows(session, login, add_sale, consultant, course, book):
    work = FollowUpFactory(consultant_id=consultant.id, order=OrderFactory(product=course))
    won = ResultTitleFactory(kind=ResultKind.WON)
    session.commit()
    given = ((course, 2, "1900000"), (book, 3, ""))
    data = lines(*given, discount="10000", result_title=won.id, token=uuid4())
    assert login(consultant).post(f"/follow-ups/{work.id}/result", data=data, headers=HTMX).status_code == 204

    add_sale(*given, customer=work.customer_id, discount="10000")

    first, second = sales(session)
    own = {"id", "order_id", "sold_at", "created_at", "updated_at", "created_by_id"}
    columns = [each.key for each in Sale.__table__.columns if each.key not in own]
    assert [getattr(first, key) for key in columns] == [getattr(second, key) for key in columns]
    of_item = [each.key for each in SaleItem.__table__.columns if each.key not in {"id", "sale_id"}]
    both = [[[getattr(item, key) for key in of_item] for item in sale.items] for sale in (first, second)]
    assert both[0] == both[1]
    assert (first.order.status, second.order.status) == (OrderStatus.WON, OrderStatus.WON)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"customer": ""}, "customer"),
        ({"customer": "999999"}, "customer"),
        ({"customer": "99999999999999999"}, "customer"),
        ({"mobile": "09350000000"}, "mobile"),
        ({"customer": "", "mobile": "021"}, "mobile"),
        ({"consultant": ""}, "consultant"),
        ({"consultant": "999999"}, "consultant"),
        ({"status": "paid"}, "status"),
        ({"status": "cancelled"}, "status"),
        ({"sold_at": "1499/01/01 10:00"}, "sold_at"),
        ({"discount": "9000000000"}, "discount"),
        ({"items-0-quantity": "0"}, "items-0-quantity"),
        ({"items-0-quantity": "x"}, "items-0-quantity"),
        ({"items-0-product": "999999"}, "items-0-product"),
        ({"items-0-price": "99999999999999999999"}, "items-0-price"),
        ({"items-0-price": "0"}, "items-0-price"),
        ({"items-0-quantity": "99999999", "items-0-price": "9999999999999"}, "items-0-price"),
    ],
)
def test_a_wrong_value_is_said_at_its_field(session, client, consultant, buyer, course, fields, wrong):
    data = lines((course, 1, ""), customer=buyer.id, consultant=consultant.id) | fields

    answer = client.post("/sales/add", data=data)

    assert (answer.status_code, f'id="{wrong}-error"' in answer.text) == (422, True)
    assert sales(session) == []
    assert session.scalars(select(Order.id)).all() == []
    assert session.scalar(select(func.count(Customer.id))) == 1


@pytest.fixture(params=["stranger", "switched off", "invited", "platform"])
def unfit(request, session, manager, organization, stranger_organization):
    """The key of a member who can't be given work here."""
    where = {"stranger": stranger_organization, "platform": None}.get(request.param, organization)
    person = member("Admin" if where is None else "Consultant", where, "other")
    person.active = request.param != "switched off"
    person.last_login = None if request.param == "invited" else person.last_login
    session.commit()
    return person.id


def test_the_consultant_can_work_here(session, unfit, add_sale):
    answer = add_sale(consultant=unfit)

    assert (answer.status_code, 'id="consultant-error"' in answer.text) == (422, True)
    assert sales(session) == []


class TestRoles:
    @pytest.mark.parametrize("role", ["Consultant", "SupportAgent"])
    def test_others_get_neither_button_nor_way(self, session, login, organization, buyer, course, role):
        person = member(role, organization, "other")
        order = OrderFactory(customer=buyer, created_by_id=person.id)
        session.commit()
        client = login(person)

        assert "/sales/add" not in client.get("/sales/").text
        assert "/sales/add" not in client.get(f"/orders/show/{order.id}").text
        data = lines((course, 1, ""), customer=buyer.id, consultant=person.id)
        for path in ("add", "add/totals"):
            assert client.post(f"/sales/{path}", data=data).status_code == 403
        assert client.get("/sales/add").status_code == 403
        assert client.get("/sales/known?mobile=09121112233").status_code == 403
        assert sales(session) == []

    def test_the_manager_has_the_button(self, client):
        page = client.get("/sales/").text
        assert "/sales/add" in page
        assert "افزودن فروش" in page

    def test_the_consultant_sees_what_was_added_for_them_and_no_colleague_does(
        self, session, login, add_sale, consultant, colleague
    ):
        add_sale()
        [sale] = sales(session)
        key = sale.id

        page = login(consultant).get(f"/sales/show/{key}")
        assert (page.status_code, "مریم" in page.text) == (200, True)
        assert f'data-pk="{key}"' in login(consultant).get("/sales/").text
        assert login(colleague).get(f"/sales/show/{key}").status_code == 404

    def test_another_organisation_finds_no_such_customer(self, stranger_organization, session, login, buyer):
        boss = member("Manager", stranger_organization, "boss")
        product_of = Actor(stranger_organization.id, boss.id)
        key = buyer.id
        bind(session, product_of)
        product = ProductFactory()
        session.commit()

        data = lines((product, 1, ""), customer=key, consultant=boss.id)
        answer = login(boss).post("/sales/add", data=data)

        assert (answer.status_code, 'id="customer-error"' in answer.text) == (422, True)


def test_the_sums_are_shown_while_typed_and_nothing_is_stored(session, client, course):
    data = lines((course, "۲", ""), discount="1000")

    amounts = client.post("/sales/add/totals", data=data).json

    assert amounts["totals"] == {"subtotal": "۴٬۰۰۰٬۰۰۰", "discount": "۱٬۰۰۰", "amount": "۳٬۹۹۹٬۰۰۰"}
    assert amounts["lines"][0]["presets"] == {"price": "۲٬۰۰۰٬۰۰۰"}
    assert sales(session) == []


def test_a_known_number_is_shown_while_typed(client, buyer):
    assert str(buyer) in client.get("/sales/known?mobile=09121112233").text
    assert "known-head" not in client.get("/sales/known?mobile=09129999999").text


def test_the_trail_names_what_was_sold(session, add_sale, client, course, book):
    add_sale((course, 2, ""), (book, 1, ""))

    page = client.get(f"/sales/trail/{sales(session)[0].id}").text

    assert "دوره" in page
    assert "کتاب" in page
