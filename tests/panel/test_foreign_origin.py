"""Requests that a page of another site sends with the session of a member."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.services.account.token import make_token
from models.account import TokenScope
from models.product import Product
from tests.factories import ProductFactory

FORM = {"title": "محصول بیگانه", "code": "foreign-1", "price": "1000"}
FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://evil.example/localhost"},
    {"Origin": "https://[::1"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site"},
]
OWN = [
    {},
    {"Origin": "http://localhost"},
    {"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
]
SENTENCE = "این درخواست از سایت دیگری آمده است"


def titles(session):
    session.expire_all()
    return session.scalars(select(Product.title)).all()


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_foreign_form_is_refused_and_stores_nothing(session, login, manager, headers):
    ProductFactory(title="محصول خودی")
    session.commit()

    answer = login(manager).post("/products/add", data=FORM, headers=headers)

    assert answer.status_code == 403
    assert SENTENCE in answer.text
    assert 'dir="rtl"' in answer.text
    assert "محصول خودی" in titles(session)
    assert "محصول بیگانه" not in titles(session)


@pytest.mark.parametrize("headers", OWN)
def test_the_panels_own_form_is_taken(session, login, manager, headers):
    assert login(manager).post("/products/add", data=FORM, headers=headers).status_code == 302
    assert "محصول بیگانه" in titles(session)


def test_the_public_address_is_own_behind_a_proxy(app, session, login, manager, monkeypatch):
    monkeypatch.setitem(app.config, "PUBLIC_BASE_URL", "https://panel.example")

    headers = {"Origin": "https://panel.example"}
    assert login(manager).post("/products/add", data=FORM, headers=headers).status_code == 302


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_every_unsafe_method_is_refused(login, manager, method):
    answer = getattr(login(manager), method)("/products/", headers=FOREIGN[0])

    assert answer.status_code == 403


def test_pages_are_read_from_links_of_other_sites(login, manager):
    assert login(manager).get("/products/", headers=FOREIGN[-1]).status_code == 200


def test_a_dialog_shows_the_sentence(login, manager):
    answer = login(manager).post("/products/add", data=FORM, headers=FOREIGN[0] | {"HX-Request": "true"})

    assert (answer.status_code, SENTENCE in answer.text) == (403, True)


def test_rest_answers_with_a_problem(app, session, manager):
    _row, secret = make_token(manager, name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    headers = {"Authorization": f"Bearer {secret}"}

    client = app.test_client()
    assert client.post("/api/v1/products/", json=FORM, headers=headers | FOREIGN[0]).status_code == 403
    assert "محصول بیگانه" not in titles(session)
    assert client.post("/api/v1/products/", json=FORM | {"price": 1000}, headers=headers).status_code == 201


def test_the_login_is_refused_too(app):
    answer = app.test_client().post("/login/", data={"username": "a", "password": "b"}, headers=FOREIGN[0])

    assert answer.status_code == 403


def test_webhooks_are_taken_from_everywhere(app):
    """404 is the answer to a wrong secret."""
    path = "/sms/report/kavenegar/wrong"

    assert app.test_client().post(path, data={}, headers=FOREIGN[0]).status_code == 404


def test_a_referrer_that_is_no_address_is_foreign_to_an_error_page(login, manager):
    """A refused form is shown again to its own pages alone."""
    answer = login(manager).post("/products/nowhere", data=FORM, headers={"Referer": "https://[::1"})

    assert answer.status_code == 404
    assert FORM["title"] not in answer.text
