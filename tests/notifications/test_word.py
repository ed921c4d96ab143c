"""`Notify` on a section that does not use it: each way of changing a row tells, and a wrong name stops the start."""

import pytest

from app.panel.check.declarations import problems_of
from app.panel.notifications import Notify
from app.panel.notifications.word import declared_kinds
from models.notifications.rules import add_rule, remove_rule
from models.product import Product
from models.tenancy.scope import Actor, bind
from tests.factories import ProductFactory, member
from tests.notifications.steps import HTMX, told
from tests.panel.check.steps import bare, problems
from views.account.sessions import AccountSessions
from views.organization.product import Products

PRICE = Notify(
    "price", "created_by_id", "قیمت %(name)s تازه شد", "قیمت %(num)s محصول تازه شد", list_query="?q=x"
)
CLOSED = Notify("is_active", "created_by_id", "%(name)s بسته شد", "%(num)s محصول بسته شد", values=(False,))


@pytest.fixture
def author(session, organization, manager, monkeypatch):
    """The member who added the products and is told of their prices."""
    monkeypatch.setattr(Products, "notify", (PRICE, CLOSED))
    rules = [each.rule(Products) for each in Products.notify]
    for rule in rules:
        add_rule(rule)
    declared_kinds.cache_clear()
    yield member("Manager", organization, "author")
    for rule in rules:
        remove_rule(rule)
    declared_kinds.cache_clear()


@pytest.fixture
def product(session, organization, manager, author):
    bind(session, Actor(organization.id, author.id))
    row = ProductFactory(title="کتاب")
    session.commit()
    bind(session, Actor(organization.id, manager.id))
    return row


def form(product, **values):
    common = {"title": product.title, "code": product.code, "price": "1000", "is_active": "y"}
    return {**common, "version": product.row_version, **values}


def test_the_edit_form_tells(session, login, manager, author, product):
    assert told(session, author) == []
    answer = login(manager).post(f"/products/edit/{product.id}", data=form(product, price="2000"))

    assert answer.status_code == 302
    [notice] = told(session, author)
    assert (notice.params, notice.address) == ({"name": "کتاب"}, f"/products/show/{product.id}")
    page = login(author).get("/notifications/").text
    assert "قیمت کتاب تازه شد" in page


def test_a_form_that_changes_something_else_tells_nothing(session, login, manager, author, product):
    same = str(product.price // 10)
    login(manager).post(f"/products/edit/{product.id}", data=form(product, price=same, title="کتاب دو"))
    assert told(session, author) == []


def test_the_bulk_bar_tells_once_of_all_rows(session, organization, login, manager, author, product):
    bind(session, Actor(organization.id, author.id))
    keys = [product.id, ProductFactory().id, ProductFactory().id]
    session.commit()
    data = {
        "action": "change",
        "_step": "run",
        "rowid": list(map(str, keys)),
        "is_active": "0",
    }
    answer = login(manager).post("/products/action_post", data=data, headers=HTMX)

    assert answer.status_code == 204, answer.text[:300]
    [notice] = told(session, author)
    assert (notice.kind, notice.count) == ("products.products.is_active.False", 3)


def test_the_author_is_not_told_of_their_own_change(session, login, author, product):
    login(author).post(f"/products/edit/{product.id}", data=form(product, price="2000"))
    assert told(session, author) == []


def test_a_value_that_is_no_event_tells_nothing(session, login, manager, author, product):
    product.is_active = False
    session.commit()
    before = len(told(session, author))
    product.is_active = True
    session.commit()
    assert len(told(session, author)) == before == 1


@pytest.mark.parametrize(
    ("word", "wrong", "better"),
    [
        (Notify("prise", "created_by_id", "%(name)s", "%(num)s"), "prise", "price"),
        (Notify("price", "creator", "%(name)s", "%(num)s"), "creator", "created_by_id"),
        (Notify("price", "title", "%(name)s", "%(num)s"), "title", None),
        ("price", "'price'", None),
    ],
)
@pytest.mark.usefixtures("app")
def test_a_wrong_name_is_seen_at_the_start(word, wrong, better):
    [found] = problems(Products, notify=(word,))
    assert (found.word, found.name) == ("notify", wrong)
    assert better is None or found.nearest == better


@pytest.mark.usefixtures("app")
def test_two_of_the_same_event_are_seen():
    [found] = problems(Products, notify=(PRICE, PRICE))
    assert "twice" in found.reason


def test_a_page_names_the_model(monkeypatch):
    monkeypatch.setattr(AccountSessions, "notify", (PRICE,), raising=False)
    [found] = problems_of(object.__new__(AccountSessions), bare())
    assert "names the model" in found.reason
    assert Product.__tablename__ == "products"
