"""A won result is a sale of several products: typed as lines, added up by the server, refused at their fields."""

import pytest
from sqlalchemy import select

from app.lib.clock import now
from models.customer import Address
from models.follow_up import FollowUpEntry
from models.result_title import ResultKind
from models.sale import Sale, SaleItem
from models.tenancy.scope import Actor, bind
from tests.factories import FollowUpFactory, OrderFactory, ProductFactory, ResultTitleFactory, member
from tests.support.pages import untouched

HTMX = {"HX-Request": "true"}
FORM = "data-result"


@pytest.fixture
def course(session, manager):
    return ProductFactory(title="دوره", price=20_000_000)


@pytest.fixture
def book(session, manager):
    return ProductFactory(title="کتاب", price=1_500_000)


@pytest.fixture
def won(session, manager):
    return ResultTitleFactory(kind=ResultKind.WON)


@pytest.fixture
def follow_up(session, consultant, course):
    row = FollowUpFactory(consultant_id=consultant.id, order=OrderFactory(product=course, quantity=3))
    session.commit()
    return row


@pytest.fixture
def client(login, consultant):
    return login(consultant)


def sold(*given, **more):
    """What the form sends: (product, quantity, price) of each line."""
    sent = {"items": "", **more}
    for at, (product, quantity, price) in enumerate(given):
        line = {"product": getattr(product, "id", product), "quantity": quantity, "price": price}
        sent |= {f"items-{at}-{name}": str(value) for name, value in line.items()}
    return sent


def record(client, follow_up, title, sent):
    data = {"result_title": title.id} | sent
    return client.post(f"/follow-ups/{follow_up.id}/result", data=data, headers=HTMX)


def items(session, manager):
    bind(session, Actor(manager.organization_id, manager.id))
    session.expire_all()
    rows = session.scalars(select(SaleItem).order_by(SaleItem.position)).all()
    return [(row.product.title, row.quantity, row.price, row.amount) for row in rows]


def test_the_panel_begins_with_the_product_that_was_ordered(client, follow_up, course):
    page = client.get(f"/follow-ups/{follow_up.id}/panel", headers=HTMX).text

    assert f'<option value="{course.id}" selected>دوره</option>' in page
    assert 'name="items-0-quantity" value="۳"' in page
    assert 'name="items-0-price" value="۲٬۰۰۰٬۰۰۰"' in page
    assert '<output data-total="amount">۶٬۰۰۰٬۰۰۰</output>' in page


def test_several_products_make_one_sale(session, manager, client, follow_up, won, course, book):
    answer = record(client, follow_up, won, sold((course, 1, "۱٬۹۰۰٬۰۰۰"), (book, "۲", ""), discount="50000"))

    assert answer.status_code == 204
    assert items(session, manager) == [
        ("دوره", 1, 19_000_000, 19_000_000),
        ("کتاب", 2, 1_500_000, 3_000_000),
    ]
    [sale] = session.scalars(select(Sale)).all()
    assert (sale.amount, sale.discount, sale.subtotal) == (21_500_000, 500_000, 22_000_000)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (("", 1, 1000), "product"),
        (("999999", 1, 1000), "product"),
        ((None, 0, 1000), "quantity"),
        ((None, "x", 1000), "quantity"),
        ((None, 1, "x"), "price"),
        ((None, 1, "0"), "price"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(session, client, follow_up, won, course, line, field):
    line = (course if line[0] is None else line[0], *line[1:])
    given = [line] if line[2] == "0" else [(course, 1, 10), line]

    answer = record(client, follow_up, won, sold(*given))

    assert answer.status_code == 422
    assert f'id="items-{len(given) - 1}-{field}-error"' in answer.text
    assert session.scalars(select(FollowUpEntry)).all() == []


def test_without_a_product_there_is_no_sale(client, follow_up, won):
    answer = record(client, follow_up, won, sold())

    assert answer.status_code == 422
    assert 'id="items-error"' in answer.text


def test_a_discount_above_the_sum_is_refused_at_its_field(client, follow_up, won, course):
    answer = record(client, follow_up, won, sold((course, 1, 1000), discount="1001"))

    assert answer.status_code == 422
    assert 'id="discount-error"' in answer.text


def test_another_title_does_not_read_the_lines(session, manager, client, follow_up):
    answer = record(client, follow_up, ResultTitleFactory(), sold(("nonsense", "x", "y")))

    assert answer.status_code == 204
    assert items(session, manager) == []


def test_products_that_are_not_sold_any_more_are_not_taken(session, client, follow_up, won):
    answer = record(client, follow_up, won, sold((ProductFactory(is_active=False), 1, 1000)))

    assert answer.status_code == 422


def test_the_sum_is_shown_while_it_is_typed(session, client, follow_up, won, course, book):
    sent = sold((course, 2, ""), (book, 1, 100), discount="1000") | {"result_title": won.id}

    amounts = client.post(f"/follow-ups/{follow_up.id}/result/totals", data=sent).json

    assert [line["amount"] for line in amounts["lines"]] == ["۴٬۰۰۰٬۰۰۰", "۱۰۰"]
    assert amounts["totals"] == {"subtotal": "۴٬۰۰۰٬۱۰۰", "discount": "۱٬۰۰۰", "amount": "۳٬۹۹۹٬۱۰۰"}
    assert session.scalars(select(Sale)).all() == []


def test_only_those_who_may_record_get_the_sum(session, organization, login, colleague, follow_up):
    address = f"/follow-ups/{follow_up.id}/result/totals"
    agent = member("SupportAgent", organization)

    assert login(colleague).post(address, data={}).status_code == 404
    assert login(agent).post(address, data={}).status_code == 403


def test_a_sale_that_was_asked_again_has_its_lines(session, client, follow_up, won, course, book):
    page = client.get(f"/follow-ups/{follow_up.id}/panel", headers=HTMX).text
    record(client, follow_up, ResultTitleFactory(), {})
    sent = untouched(page, FORM) | {"result_title": won.id} | sold((book, 5, 700), (course, 1, 900))

    answer = client.post(f"/follow-ups/{follow_up.id}/result", data=sent, headers=HTMX)

    assert answer.status_code == 409
    assert 'name="items-1-price" value="900"' in answer.text


@pytest.mark.parametrize("is_there", [True, False])
def test_without_an_address_the_default_one_of_the_customer_is_used(
    session, manager, client, follow_up, won, course, is_there
):
    own, others = follow_up.customer_id, FollowUpFactory().customer_id
    session.add_all(
        [
            Address(customer_id=others, line="آدرس دیگری", is_default=True),
            Address(customer_id=own, line="آدرس قدیمی"),
            Address(
                customer_id=own, line="آدرس اصلی", is_default=True, deleted_at=None if is_there else now()
            ),
        ]
    )
    session.commit()

    assert record(client, follow_up, won, sold((course, 1, 1000))).status_code == 204

    bind(session, Actor(manager.organization_id, manager.id))
    [sale] = session.scalars(select(Sale)).all()
    assert (sale.address and sale.address.line) == ("آدرس اصلی" if is_there else None)


@pytest.mark.parametrize("typed", [{"receiver": "مریم"}, {"postal_code": "7194683215"}])
def test_a_part_of_an_address_is_not_lost(session, client, follow_up, won, course, typed):
    answer = record(client, follow_up, won, sold((course, 1, 1000), city="شیراز", **typed))

    assert answer.status_code == 422
    assert 'id="line-error"' in answer.text
    assert 'value="شیراز"' in answer.text
    assert session.scalars(select(FollowUpEntry)).all() == []


def test_the_city_of_the_customer_is_no_part_of_an_address(session, client, follow_up, won, course):
    follow_up.customer.city = "شیراز"
    session.commit()
    assert 'name="city" value="شیراز"' in client.get(f"/follow-ups/{follow_up.id}/panel", headers=HTMX).text

    assert record(client, follow_up, won, sold((course, 1, 1000), city="شیراز")).status_code == 204
