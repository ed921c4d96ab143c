"""The edit form of a sale: its items, what they are worth, the verified money, the invoice, and two people at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.lib.clock import now
from app.lib.jalali import format_datetime
from models.audit.event import AuditEvent
from models.sale import Sale, SaleItem, SaleStatus
from models.transaction import TransactionStatus
from tests.factories import ProductFactory, SaleFactory, TransactionFactory, member
from tests.sales.by_hand import lines
from tests.sales.sale_steps import RUN
from tests.support.pages import untouched


@pytest.fixture
def course(session, manager):
    return ProductFactory(title="دوره", price=2_000_000)


@pytest.fixture
def book(session, manager):
    return ProductFactory(title="کتاب", price=500_000)


@pytest.fixture
def sold(session, consultant, course, book):
    """A sale of a course and two books, of three million rials."""
    row = SaleFactory(consultant_id=consultant.id, amount=3_000_000, items=[(course, 1)])
    row.items[0].price, row.items[0].amount, row.items[0].position = 2_000_000, 2_000_000, 1
    session.add(SaleItem(sale=row, product=book, quantity=2, price=500_000, amount=1_000_000, position=2))
    session.commit()
    return row


@pytest.fixture
def edit(client, sold):
    def send(*given, **more):
        data = {"sold_at": format_datetime(now() - timedelta(days=2))} | lines(*given) | more
        return client.post(f"/sales/edit/{sold.id}", data=data)

    return send


def keys(sale):
    return [item.id for item in sale.items]


def state(session, sale):
    session.expire_all()
    row = session.get(Sale, sale.id)
    return row.amount, row.balance, row.status


def pay(session, sale, amount):
    TransactionFactory(sale=sale, amount=amount, status=TransactionStatus.VERIFIED)
    sale.paid = amount
    sale.status = SaleStatus.PARTLY_PAID
    session.commit()


def test_it_changes_adds_moves_and_removes(session, edit, sold, course, book):
    first, second = keys(sold)

    assert edit((book, 5, "40000", second), (course, 1, "")).status_code == 302

    assert state(session, sold) == (4_000_000, 4_000_000, SaleStatus.CONFIRMED)
    assert [(each.product.title, each.quantity, each.amount) for each in sold.items] == [
        ("کتاب", 5, 2_000_000),
        ("دوره", 1, 2_000_000),
    ]
    assert session.get(SaleItem, first) is None


def test_the_discount_lowers_the_amount(session, edit, sold, course, book):
    first, second = keys(sold)

    edit((course, 1, "200000", first), (book, 2, "50000", second), discount="100000")

    assert state(session, sold)[:2] == (2_000_000, 2_000_000)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ((("", 1, 10),), "items-0-product"),
        (((None, 0, 10),), "items-0-quantity"),
        (((None, 1, 0),), "items-0-price"),
        ((), "items"),
    ],
)
def test_a_wrong_item_is_said_at_its_field(session, edit, sold, course, given, wrong):
    typed = [(course if product is None else product, *rest) for product, *rest in given]

    answer = edit(*typed)

    assert (answer.status_code, f'id="{wrong}-error"' in answer.text) == (422, True)
    assert state(session, sold)[0] == 3_000_000


def test_more_discount_than_items_is_refused(session, edit, sold, course):
    answer = edit((course, 1, "10"), discount="11")

    assert (answer.status_code, 'id="discount-error"' in answer.text) == (422, True)
    assert state(session, sold)[0] == 3_000_000


class TestVerifiedMoney:
    def test_moves_the_state(self, session, edit, sold, course):
        pay(session, sold, 1_000_000)

        edit((course, 1, "100000"))
        assert state(session, sold) == (1_000_000, 0, SaleStatus.PAID)

        edit((course, 2, "100000"))
        assert state(session, sold) == (2_000_000, 1_000_000, SaleStatus.PARTLY_PAID)

    def test_above_the_amount_is_asked_about_once(self, session, edit, sold, course):
        pay(session, sold, 1_000_000)

        asked = edit((course, 1, "60000"))
        assert asked.status_code == 422
        assert "۴۰٬۰۰۰ تومان از این مبلغ بیشتر است" in asked.text
        assert state(session, sold) == (3_000_000, 2_000_000, SaleStatus.PARTLY_PAID)

        told = {name: text for name, text in untouched(asked.text).items() if name == "_sure"}
        assert edit((course, 1, "50000"), **told).status_code == 422
        assert edit((course, 1, "60000"), **told).status_code == 302
        assert state(session, sold) == (600_000, -400_000, SaleStatus.PAID)

    def test_that_waits_is_not_asked_about(self, session, edit, sold, course):
        TransactionFactory(sale=sold, amount=1_000_000)
        session.commit()

        assert edit((course, 1, "60000")).status_code == 302


class TestAnIssuedInvoice:
    @pytest.fixture
    def issued(self, session, sold):
        sold.invoice_number, sold.invoice_at = 1, now()
        session.commit()
        return sold

    def test_is_named_over_the_form(self, client, issued):
        assert "فاکتور این فروش صادر شده است" in client.get(f"/sales/edit/{issued.id}").text

    def test_without_one_nothing_is_said(self, client, sold):
        assert "فاکتور این فروش صادر شده است" not in client.get(f"/sales/edit/{sold.id}").text

    @pytest.mark.parametrize("change", ["quantity", "product", "order", "removed", "added", "discount"])
    def test_closes_items_and_discount(self, session, edit, issued, course, book, change):
        first, second = keys(issued)
        old = [(course, 1, "200000", first), (book, 2, "50000", second)]
        given = {
            "quantity": [(course, 2, "100000", first), old[1]],
            "product": [(book, 1, "200000", first), old[1]],
            "order": old[::-1],
            "removed": [(course, 1, "300000", first)],
            "added": [*old, (book, 1, "10")],
            "discount": old,
        }

        answer = edit(*given[change], discount="10" if change == "discount" else "0")

        assert (answer.status_code, 'id="items-error"' in answer.text) == (422, True)
        session.expire_all()
        assert state(session, issued)[0] == 3_000_000
        assert [(each.product_id, each.quantity) for each in issued.items] == [(course.id, 1), (book.id, 2)]

    def test_leaves_the_time_open(self, session, edit, issued, course, book):
        first, second = keys(issued)
        before = issued.sold_at

        answer = edit((course, 1, "200000", first), (book, 2, "50000", second))

        assert answer.status_code == 302
        session.expire_all()
        assert issued.sold_at != before


@pytest.mark.parametrize("status", [SaleStatus.CANCELLED, SaleStatus.REFUNDED])
def test_a_closed_sale_is_not_changed(session, client, edit, sold, course, status):
    sold.status = status
    session.commit()

    assert edit((course, 1, "10")).status_code == 422
    assert f"/sales/edit/{sold.id}" not in client.get(f"/sales/show/{sold.id}").text
    assert state(session, sold) == (3_000_000, 3_000_000, status)


def test_a_draft_is_changed_and_stays_a_draft(session, edit, sold, course):
    sold.status = SaleStatus.DRAFT
    session.commit()

    assert edit((course, 1, "10")).status_code == 302
    assert state(session, sold) == (100, 100, SaleStatus.DRAFT)


def test_two_people_merge_line_by_line(session, client, sold, course, book):
    first, second = keys(sold)
    url = f"/sales/edit/{sold.id}"
    loaded = untouched(client.get(url).text)
    when = format_datetime(sold.sold_at)
    theirs = lines((course, 1, "200000", first), (book, 4, "50000", second), sold_at=when)
    mine = lines((course, 7, "200000", first), (book, 2, "50000", second), sold_at=when)

    assert client.post(url, data=theirs).status_code == 302
    page = client.post(url, data=loaded | mine)
    assert (page.status_code, "کتاب" in page.text, "دوره" in page.text) == (409, True, True)
    assert client.post(url, data=untouched(page.text) | {"sold_at": when}).status_code == 302

    session.expire_all()
    assert [(each.product.title, each.quantity) for each in sold.items] == [("دوره", 7), ("کتاب", 4)]
    assert sold.amount == 16_000_000


def test_a_payment_that_is_verified_meanwhile_is_a_conflict(session, client, sold, course):
    row = TransactionFactory(sale=sold, amount=1_000_000)
    session.commit()
    url = f"/sales/edit/{sold.id}"
    loaded = {name: text for name, text in untouched(client.get(url).text).items() if "items-" not in name}
    client.post(f"/transactions/action/verify/{row.id}", data=RUN)

    data = loaded | lines((course, 1, "10"), sold_at=format_datetime(sold.sold_at))
    assert client.post(url, data=data).status_code == 409
    assert state(session, sold) == (3_000_000, 2_000_000, SaleStatus.PARTLY_PAID)


def test_the_trail_says_which_item_changed(session, edit, client, sold, course, book):
    first, second = keys(sold)

    edit((course, 1, "200000", first), (book, 4, "50000", second))

    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "edit")).all()[-1]
    assert (event.object_type, event.object_id) == ("Sale", sold.id)
    trail = client.get(f"/sales/trail/{sold.id}").text
    assert "کتاب" in trail
    assert "۴" in trail


@pytest.mark.parametrize("role", ["Consultant", "SupportAgent"])
def test_others_may_not_change_items(session, login, organization, course, role):
    person = member(role, organization, "other")
    sale = SaleFactory(consultant_id=person.id, amount=500)
    session.commit()
    client = login(person)

    for path in ("edit/{}", "edit/{}/totals"):
        answer = client.post(f"/sales/{path.format(sale.id)}", data=lines((course, 1, "10")))
        assert answer.status_code == 403
    assert state(session, sale)[0] == 500


def test_a_stranger_finds_no_sale(login, stranger_organization, sold, course):
    key = sold.id
    client = login(member("Manager", stranger_organization, "boss"))

    for path in ("edit/{}", "edit/{}/totals"):
        assert client.post(f"/sales/{path.format(key)}", data=lines((course, 1, "10"))).status_code == 404
