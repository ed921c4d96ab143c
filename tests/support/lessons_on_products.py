"""The word `only_in` on a section of no product; run by `tests/panel/records/children/test_children_elsewhere.py`."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from sqlalchemy import select

from app.services.account.token import make_token
from models.account import TokenScope
from tests.factories import ProductFactory
from tests.support.attached import PDF
from tests.support.product_lessons import Lesson

HTMX = {"HX-Request": "true"}


@pytest.fixture
def product(session, manager):
    return ProductFactory()


def samples(session, product):
    lessons = select(Lesson.title).where(Lesson.product_id == product.id, Lesson.is_sample)
    return session.scalars(lessons).all()


def add(client, product, title, **data):
    return client.post(
        "/lessons/add", data={"product": str(product.id), "title": title, **data}, headers=HTMX
    )


def test_the_page_of_the_parent_shows_them_in_its_wide_column(login, manager, product):
    client = login(manager)
    add(client, product, "نخست", files=(BytesIO(PDF), "درس.pdf"))
    add(client, ProductFactory(), "دیگر")

    page = client.get(f"/products/show/{product.id}").text

    assert "نخست" in page
    assert "درس.pdf" in page
    assert "دیگر" not in page
    assert f"/lessons/add?product={product.id}" in page


def test_the_flag_moves_and_comes_back(session, login, manager, product):
    client = login(manager)
    add(client, product, "نخست")
    add(client, product, "دوم", is_sample="y")
    assert samples(session, product) == ["دوم"]
    key = session.scalars(select(Lesson.id).where(Lesson.title == "دوم")).one()

    answer = client.post(f"/lessons/delete/{key}", headers=HTMX)

    assert samples(session, product) == ["نخست"]
    client.post(json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"], headers=HTMX)
    assert samples(session, product) == ["دوم"]


def test_a_right_to_the_child_alone_changes_nothing(session, login, manager, consultant, product):
    """Consultants read products; their right to write lessons needs the right to edit the product."""
    add(login(manager), product, "نخست")
    key = session.scalars(select(Lesson.id)).one()
    client = login(consultant)

    assert "نخست" in client.get(f"/products/show/{product.id}").text
    assert "/lessons/add" not in client.get(f"/products/show/{product.id}").text
    assert add(client, product, "دوم").status_code == 403
    assert client.post(f"/lessons/delete/{key}").status_code == 403
    assert client.post(f"/lessons/{key}/flag").status_code == 403


def test_rest_serves_them_by_their_parent(session, login, manager, product):
    _row, token = make_token(manager, name="t", scope=TokenScope.WRITE, days=1)
    session.commit()
    client, bearer = login(manager), {"Authorization": f"Bearer {token}"}
    made = client.post("/api/v1/lessons/", json={"product": product.id, "title": "نخست"}, headers=bearer)
    add(client, ProductFactory(), "دیگر")

    listed = client.get(f"/api/v1/lessons/?f_product={product.id}", headers=bearer).json

    assert made.status_code == 201
    assert [item["title"] for item in listed["items"]] == ["نخست"]
    assert client.get("/api/v1/lessons/?f_product=999999", headers=bearer).json["items"] == []
