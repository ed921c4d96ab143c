"""Which product a text names: a text that two products have names none, unless it is the code of one."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.services.imports.jobs import rejections_of
from models.job import RejectReason
from models.order import Order
from models.product import Product
from tests.factories import ProductFactory
from tests.sales.import_steps import run, upload


@pytest.fixture(autouse=True)
def products(manager):
    for code, title in [("a-1", "کتاب کار"), ("A-1", "دفتر"), ("B-1", "جزوه"), ("جزوه", "نوار")]:
        ProductFactory(code=code, title=title)
    ProductFactory(code="b-1", title="دفتر", is_active=False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a-1", "a-1"),
        ("A-1 ", "A-1"),
        ("دفتر", "A-1"),
        ("b-1", "B-1"),
        ("Ｂ－۱", "B-1"),
        ("جزوه", "جزوه"),
        ("نوار", "جزوه"),
    ],
)
def test_a_clear_text_names_its_product(text, code):
    run(upload(f"موبایل,محصول\n09350001101,{text}\n"))

    assert db.session.scalars(select(Product.code).join(Order)).all() == [code]


@pytest.mark.parametrize("text", ["Ａ-1", "a-۱", "جزوة"])
def test_what_two_products_may_mean_is_rejected(text):
    job = run(upload(f"موبایل,محصول\n09350001101,{text}\n"))

    assert (job.accepted, rejections_of(job)) == (0, {RejectReason.PRODUCT: [1]})
